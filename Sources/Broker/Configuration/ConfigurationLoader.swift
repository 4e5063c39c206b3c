import Diagnosis
import LinuxHost
import OAuth2
import TokenLifecycle

/// Reads a configuration from its files and collects everything that is wrong in them.
struct ConfigurationLoader {
    private let context: ProcessContext
    private let findings = Findings()
    private var configuration: Configuration
    private var serverPlaces: [String: SourcePlace] = [:]

    init(context: ProcessContext) {
        self.context = context
        configuration = Configuration(daemon: DaemonConfiguration(defaultsIn: context))
    }

    mutating func load(file: String) throws(ConfigurationErrors) -> Configuration {
        read(file, isMain: true)
        let directory = FilePath.directory(of: file)
        for path in additions(beside: directory) { read(path, isMain: false) }
        if findings.errors.isEmpty, configuration.clients.isEmpty {
            findings.warn(nil, at: SourcePlace(file: file, line: 1), "no clients", remedy: "add [clients.NAME]")
        }
        warnOfLoads(file)
        warnOfRedirects()
        guard findings.errors.isEmpty else { throw ConfigurationErrors(findings.errors) }
        configuration.warnings = findings.warnings
        return configuration
    }

    /// Taking `default_lifetime` for what the server will state, which nobody knows before it is asked.
    private func warnOfLoads(_ file: String) {
        var loads: [String: ServerLoad] = [:]
        for client in configuration.clients.values where client.policy.keepWarm != .never {
            guard case .duration(let lifetime) = client.policy.defaultLifetime else { continue }
            loads[client.endpoint.url.origin, default: ServerLoad()]
                .add(lifetime: lifetime, refreshAt: client.policy.refreshAt)
        }
        for (origin, load) in loads.sorted(by: { $0.key < $1.key }) {
            guard let excess = load.excess(over: configuration.budget(of: origin)) else { continue }
            findings.warn(
                "servers.\"\(origin)\"",
                at: serverPlaces[origin] ?? SourcePlace(file: file, line: 1),
                "by default_lifetime, \(excess.problem)",
                remedy: excess.remedy
            )
        }
    }

    /// Sections of one registration, whose redirect URIs are meant to be the same.
    private func warnOfRedirects() {
        struct Registration: Hashable { let clientID, server: String }
        let clients = configuration.clientNames.compactMap { configuration.clients[$0] }.filter {
            $0.redirectURI != nil
        }
        let registrations = Dictionary(grouping: clients) { client in
            Registration(clientID: client.clientID, server: client.endpoint.url.text)
        }
        for client in clients {
            let registration = Registration(clientID: client.clientID, server: client.endpoint.url.text)
            guard let alike = registrations[registration], alike.count > 1,
                let place = configuration.places[client.name]
            else { continue }
            let settings = client.settings(otherRedirectURIs: alike.compactMap(\.redirectURI))
            for remark in settings.remarks where remark.finding == .redirectDiffers {
                let key = DottedKey.joined(DottedKey.joined("clients", client.name.value), remark.key)
                findings.warn(key, at: place, remark.problem, remedy: remark.remedy)
            }
        }
    }

    /// `clients.d/*.toml` in the order of the names' bytes.
    private func additions(beside directory: String) -> [String] {
        let path = directory == "." ? Self.additionsDirectory : FilePath.joined(directory, Self.additionsDirectory)
        do {
            return try FileSystem.names(in: path)
                .filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                .map { FilePath.joined(path, $0) }
        } catch  where error.isNotFound {
            return []
        } catch {
            findings.refuse(nil, at: SourcePlace(file: path), "cannot be read: \(error.why)")
            return []
        }
    }

    private mutating func read(_ file: String, isMain: Bool) {
        defer { findings.orderByLine() }
        do {
            let found = try ConfigurationFile.read(file, workingDirectory: context.workingDirectory)
            let root = try ConfigurationDocument(found.bytes, file: file).root
            guard case .table(let members) = root.value else { return }
            let table = TableReader(key: "", place: root.place, members: members, findings: findings)
            read(table, from: found.source, isMain: isMain)
        } catch {
            findings.report(error)
        }
    }

    private mutating func read(_ table: TableReader, from source: SourceFile, isMain: Bool) {
        if isMain {
            if let daemon = table.table("daemon") {
                configuration.daemon = DaemonReader(table: daemon, source: source).read(over: configuration.daemon)
            }
        } else if let written = table.node("daemon") {
            findings.refuse(written, "belongs in the main file only", remedy: "move it to tokenbroker.toml")
        }
        if let servers = table.table("servers") { readServers(servers) }
        if let clients = table.table("clients") { readClients(clients, from: source) }
        table.refuseUnknown()
    }

    private mutating func readServers(_ servers: TableReader) {
        for (name, written) in servers.everyNode() {
            guard let origin = ServerReader.origin(written.with(name), findings: findings),
                let table = findings.table(written)
            else { continue }
            if let first = serverPlaces[origin] {
                findings.refuse(written, "the same server is at \(first)", remedy: "remove one of them")
            } else {
                serverPlaces[origin] = written.place
            }
            configuration.servers[origin] = ServerReader(table: table).read()
        }
    }

    private mutating func readClients(_ clients: TableReader, from source: SourceFile) {
        for (name, written) in clients.everyNode() {
            guard let clientName = ClientName(name) else {
                findings.refuse(
                    written,
                    "\(name.shown) is no client's name",
                    remedy: "use up to 64 letters, digits, dots, hyphens and underscores, the first a letter or digit"
                )
                continue
            }
            if let first = configuration.places[clientName] {
                findings.refuse(written, "defined twice: it is also at \(first)", remedy: "remove one of them")
            }
            guard let table = findings.table(written) else { continue }
            let client = ClientReader(table: table, source: source).read(name: clientName)
            guard configuration.places[clientName] == nil else { continue }
            add(clientName, client, at: written)
        }
    }

    private mutating func add(
        _ name: ClientName,
        _ client: ClientConfiguration?,
        at written: Written<ConfigurationNode>
    ) {
        configuration.places[name] = written.place
        configuration.clientNames.append(name)
        configuration.clients[name] = client
        if configuration.clientNames.count == Configuration.maximumClients + 1 {
            findings.refuse(written, "one client more than the \(Configuration.maximumClients) that a daemon holds")
        }
    }

    private static let additionsDirectory = "clients.d"
}

extension Configuration {
    /// Reads `file` and then every `clients.d/*.toml` beside it, in the order of their names; finds all errors at once.
    package static func load(
        file: String,
        in context: ProcessContext = .current
    ) throws(ConfigurationErrors) -> Configuration {
        var loader = ConfigurationLoader(context: context)
        return try loader.load(file: file)
    }

    /// Where the configuration is when no `--config` says otherwise.
    package static var defaultPath: String { defaultPath(in: .current) }

    /// Where a process like `context` has its configuration.
    package static func defaultPath(in context: ProcessContext) -> String {
        FilePath.joined(StandardPaths(of: context).configuration, "tokenbroker.toml")
    }
}
