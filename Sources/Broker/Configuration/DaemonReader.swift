import Logging
import TokenEndpoint

/// Reads the table `[daemon]` over the defaults.
struct DaemonReader {
    let table: TableReader
    let source: SourceFile

    private var findings: Findings { table.findings }

    func read(over defaults: DaemonConfiguration) -> DaemonConfiguration {
        var daemon = defaults
        if let written = table.string("state_directory") {
            daemon.setStateDirectory(source.absolute(written.value))
        }
        if let path = readSocket("token_socket") { daemon.tokenSocket = path }
        if let path = readSocket("admin_socket") { daemon.adminSocket = path }
        refuseOneSocketTwice(daemon)
        if let group = table.node("admin_group").flatMap({ findings.principal($0) }) {
            daemon.adminGroup = group.value
        }
        if let written = table.node("state_key") {
            daemon.stateKey = .given(SecretSourceReader(findings: findings, source: source).read(written))
        }
        daemon.proxy = readProxy()
        let logLevel: Written<Logger.Level>? = table.choice("log_level")
        daemon.logLevel = logLevel?.value ?? daemon.logLevel
        if let written = table.boolean("legacy_peer_check") { daemon.legacyPeerCheck = written.value }
        table.refuseUnknown()
        return daemon
    }

    private func readSocket(_ name: String) -> String? {
        guard let written = table.string(name) else { return nil }
        let path = source.absolute(written.value)
        guard path.utf8.count <= Self.longestSocketPath else {
            findings.refuse(
                written,
                "the path is \(path.utf8.count) bytes long, and a socket's has at most \(Self.longestSocketPath)",
                remedy: "choose a shorter one"
            )
            return nil
        }
        return path
    }

    private func readProxy() -> ProxySetting? {
        let noProxy = table.strings("no_proxy")
        if let noProxy, !table.has("proxy") { findings.warn(noProxy, "not used without proxy", remedy: "remove it") }
        return table.string("proxy").flatMap { findings.proxy($0, noProxy: noProxy?.value.map(\.value) ?? []) }
    }

    private func refuseOneSocketTwice(_ daemon: DaemonConfiguration) {
        guard daemon.tokenSocket == daemon.adminSocket else { return }
        let written = table.node(table.has("admin_socket") ? "admin_socket" : "token_socket")
        if let written { findings.refuse(written, "the token socket and the admin socket have the same path") }
    }

    /// What `sockaddr_un` holds besides the NUL at its end, less what the name of a socket in the making adds.
    private static let longestSocketPath = 96
}
