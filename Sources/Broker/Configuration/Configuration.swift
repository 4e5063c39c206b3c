package import OAuth2
package import TokenEndpoint

/// Everything the operator wrote, read and found valid as a whole.
package struct Configuration: Sendable, Equatable {
    package var daemon: DaemonConfiguration

    /// What each authorization server may be asked, by origin (`https://host[:port]`); others get `ServerBudget.standard`.
    package var servers: [String: ServerBudget] = [:]

    /// The clients by name; equal values mean that a reload changes nothing for that client.
    package var clients: [ClientName: ClientConfiguration] = [:]

    /// The clients' names in the order in which the operator wrote them.
    package var clientNames: [ClientName] = []

    /// Where each client stands, apart from what it says, so that moving it is no change.
    package var places: [ClientName: SourcePlace] = [:]

    /// What is valid and yet hardly meant.
    package var warnings: [ConfigurationWarning] = []

    /// Beyond this a machine holds credentials for others, and a reload would no longer be quick.
    package static let maximumClients = 10_000

    package init(daemon: DaemonConfiguration) {
        self.daemon = daemon
    }

    /// What `origin` may be asked.
    package func budget(of origin: String) -> ServerBudget { servers[origin] ?? .standard }

    /// The proxy on the way to `client`'s server: its own, else the daemon's.
    package func proxy(of client: ClientConfiguration) -> ProxySetting? { client.proxy ?? daemon.proxy }
}
