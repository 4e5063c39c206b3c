package import Logging
package import TokenEndpoint

/// What the daemon itself needs: the `[daemon]` table over its defaults.
package struct DaemonConfiguration: Sendable, Equatable {
    package private(set) var stateDirectory: String

    /// Where the token socket is made when systemd passes none.
    package var tokenSocket: String

    /// Where the admin socket is made when systemd passes none.
    package var adminSocket: String

    /// Whose members are operators, besides root and the daemon's own user; nil for nobody else.
    package var adminGroup: Principal?

    package var stateKey: StateKeySource

    /// For clients without one of their own, and not for the hosts of `no_proxy`.
    package var proxy: ProxySetting?

    package var logLevel: Logger.Level = .info

    /// Whether a caller's process number will do for rules with units, on kernels that have no more to say.
    package var legacyPeerCheck = false

    /// What a process like `context` does when nothing is configured.
    package init(defaultsIn context: ProcessContext) {
        let paths = StandardPaths(of: context)
        stateDirectory = paths.state
        stateKey = .kept(path: Self.keyPath(in: paths.state))
        tokenSocket = FilePath.joined(paths.sockets, "token.sock")
        adminSocket = FilePath.joined(paths.sockets, "admin.sock")
        adminGroup = paths.belongsToUser ? nil : .name("tokenbroker")
    }

    /// Moves the state, and with it the key that is kept there.
    package mutating func setStateDirectory(_ path: String) {
        stateDirectory = path
        if case .kept = stateKey { stateKey = .kept(path: Self.keyPath(in: path)) }
    }

    private static func keyPath(in stateDirectory: String) -> String { FilePath.joined(stateDirectory, "state.key") }
}

/// Where the key that seals the state comes from.
package enum StateKeySource: Sendable, Equatable {
    /// Where nothing is configured: the credential that the unit asks for, where systemd passes it; else the daemon's own
    /// key file, made together with a new database and never beside an old one.
    case kept(path: String)

    /// The operator's keys: the first seals, all open.
    case given([SecretSource])

    /// Whether nothing is configured.
    var isKept: Bool { if case .kept = self { true } else { false } }
}
