package import Logging
package import TokenEndpoint

/// What the daemon itself needs: the `[daemon]` table over its defaults.
package struct DaemonConfiguration: Sendable, Equatable {
    package var stateDirectory: String

    /// Where the token socket is made when systemd passes none.
    package var tokenSocket: String

    /// Where the admin socket is made when systemd passes none.
    package var adminSocket: String

    /// Whose members are operators, besides root and the daemon's own user; nil for nobody else.
    package var adminGroup: Principal?

    package var stateKey: StateKeySource

    package var proxy: ProxySetting?

    /// Hosts that are asked without the proxy: a name, `.domain`, or `*`.
    package var noProxy: [String] = []

    package var logLevel: Logger.Level = .info
}

/// Where the key that seals the state comes from.
package enum StateKeySource: Sendable, Equatable {
    /// The daemon's own key file, made together with a new database and never beside an old one.
    case kept(path: String)

    /// The operator's keys: the first seals, all open.
    case given([SecretSource])
}

extension DaemonConfiguration {
    /// The proxy on the way to `host`: none where `no_proxy` names it.
    package func proxy(toHost host: String) -> ProxySetting? { proxy }
}
