package import Logging

/// What every slot of a broker shares, once for all of them.
package final class Surroundings: Sendable {
    package let time: TimeSource
    package let deadlines: Deadlines
    package let requests: TokenRequests
    package let keeper: TokenKeeper
    package let grants: GrantRegistry
    package let choices: SecretChoices
    package let changes: Changes
    package let metrics: BrokerMetrics
    package let accessEpoch = AccessEpoch()

    /// The process's environment variables, where secrets may be.
    package let environment: [String: String]

    package let logger: Logger

    /// Draws from -1...1, for what is to be spread.
    package let jitter: @Sendable () -> Double

    package init(
        time: TimeSource,
        deadlines: Deadlines,
        requests: TokenRequests,
        keeper: TokenKeeper,
        grants: GrantRegistry,
        choices: SecretChoices,
        changes: Changes,
        metrics: BrokerMetrics,
        environment: [String: String],
        logger: Logger,
        jitter: @escaping @Sendable () -> Double
    ) {
        self.time = time
        self.deadlines = deadlines
        self.requests = requests
        self.keeper = keeper
        self.grants = grants
        self.choices = choices
        self.changes = changes
        self.metrics = metrics
        self.environment = environment
        self.logger = logger
        self.jitter = jitter
    }
}
