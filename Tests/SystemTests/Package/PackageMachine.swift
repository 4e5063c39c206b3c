import Foundation
import Testing

/// A machine without a Swift toolchain, with the package at hand and an authorization server on its loopback.
struct PackageMachine: Sendable {
    let systemd: RealSystemd

    static let sockets = ["/run/tokenbroker/token.sock", "/run/tokenbroker/admin.sock"]
    static let units = ["tokenbrokerd.service", "tokenbrokerd.socket", "tokenbrokerd-admin.socket"]
    static let configuration = "/etc/tokenbroker/tokenbroker.toml"
    static let client = "/etc/tokenbroker/clients.d/billing.toml"
    static let state = "/var/lib/private/tokenbroker"
    static let stateKey = "/etc/credstore.encrypted/tokenbroker.state-key"

    /// Where the packages are found there.
    private static let packages = "/srv/packages"
    static let tokenEndpoint = RealSystemd.AuthorizationServer.tokenEndpoint
    static let counters = RealSystemd.AuthorizationServer.counters
}

// MARK: - Setting up

extension PackageMachine {
    /// Boots the machine, runs `body`, and throws it away.
    ///
    /// - Parameter packages: A directory of packages.
    static func with(
        packages: String = BuiltPackage.directory,
        _ body: (PackageMachine) async throws -> Void
    ) async throws {
        let binding = RealSystemd.Binding(source: packages, target: Self.packages)
        try await RealSystemd.withBooted(binding: [binding]) { systemd in
            try await systemd.whileAuthorizationServerRuns {
                // The server has its libraries; from here on nothing else finds them.
                for directory in [RealSystemd.swiftRuntime, try await RealSystemd.runtimeDirectory()] {
                    try await systemd.succeed("mount", "-t", "tmpfs", "tmpfs", directory)
                }
                // A container's, which forbids packages to start what they bring.
                try await systemd.succeed("rm", "-f", "/usr/sbin/policy-rc.d")
                try await body(PackageMachine(systemd: systemd))
            }
        }
    }

    /// Installs a package, or upgrades to it, as an administrator without a network does.
    @discardableResult
    func install(_ package: String) async throws -> String {
        try await systemd.succeed("dpkg", "--install", "\(Self.packages)/\(package)")
    }

    /// Installs the package that was built.
    @discardableResult
    func install() async throws -> String { try await install(try #require(BuiltPackage.name)) }

    /// Gives the daemon a client that a unit may use, as an operator does.
    func addClient() async throws {
        let client = """
            [clients.billing]
            token_endpoint = "\(Self.tokenEndpoint)"
            client_id = "billing-id"
            client_authentication = "none"
            allow = [{ unit = "billing.service" }]

            """
        try systemd.write(client, to: Self.client)
        try await systemd.succeed("systemctl", "reload", "tokenbrokerd.service")
    }
}

// MARK: - What is seen

extension PackageMachine {
    /// A shell's script as the unit that may use the client; it says nothing but what the script says.
    func runAsUnit(_ script: String) async throws -> Command {
        try await systemd.run(
            ["systemd-run", "--quiet", "--pipe", "--wait", "--collect", "--unit=billing.service", "sh", "-c", script]
        )
    }

    /// The token that the unit fetches.
    func token() async throws -> String {
        let fetched = try await runAsUnit("tokenctl token billing")
        #expect(fetched.status == 0, "\(fetched.errors)")
        #expect(!fetched.output.isEmpty)
        return fetched.output
    }

    /// How many tokens the authorization server was asked for.
    func tokenRequests() async throws -> Int {
        struct Document: Decodable { struct Total: Decodable { let requests: Int }; let total: Total }
        let text = try await systemd.succeed("curl", "--silent", "--fail", Self.counters)
        return try JSONDecoder().decode(Document.self, from: Data(text.utf8)).total.requests
    }

    /// The word that systemctl has for each unit, in their order.
    func words(of verb: String) async throws -> [String] {
        let ended = try await systemd.run(["systemctl", verb] + Self.units)
        return ended.output.split(separator: "\n").map(String.init)
    }

    /// Which socket files are there: their inodes, modes and owners.
    func socketFiles() async throws -> String {
        try await systemd.run(["stat", "--format", "%n %i %a %U:%G"] + Self.sockets).output
    }

    func exists(_ path: String) async throws -> Bool {
        try await systemd.run(["test", "-e", path]).status == 0
    }

    /// Notes down the names of all files of the system, but for what comes and goes on any machine: the service manager's
    /// own, logs, temporary files, manual pages in a cache, and the copies and the lock of whoever adds a group.
    func listFiles(to path: String) async throws {
        let script = """
            find /etc /etc/systemd/system /usr /var /run -xdev \
                \\( -path /run/systemd -o -path /run/log -o -path /var/tmp -o -path /var/cache/man \
                -o -path "/etc/*-" -o -path /etc/.pwd.lock \\) -prune -o -print | LC_ALL=C sort >"$1"
            """
        try await systemd.succeed("sh", "-c", script, "-", path)
    }
}
