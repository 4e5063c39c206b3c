internal import TokenLifecycle

/// What is simulated: one daemon with many slots, and the authorization server that all of them ask.
package struct Scenario: Sendable {
    /// How many token slots there are; all are kept warm.
    package var slots = 1_000_000

    /// How long the server's tokens live.
    package var lifetime: Duration = .seconds(3_600)

    /// The budget: what may start within a second.
    package var requestsPerSecond = 500

    /// The budget: what may be under way at one time.
    package var concurrent = 100

    /// From a request's start to its end; it arrives somewhere between.
    package var latency: Range<Duration> = .milliseconds(50)..<(.milliseconds(250))

    /// How long a caller waits for a token.
    package var patience: Duration = .seconds(10)

    /// When the server refuses every connection.
    package var outages: [Range<Duration>] = []

    /// How many of the slots the server never answers well, whatever it does for the others.
    package var failingSlots = 0

    /// What the draws depend on.
    package var seed: UInt64 = 1

    /// A million slots of one server, up all the time.
    package init() {}

    /// Fewer slots, and as much less budget.
    package init(slots: Int) {
        let share = Double(slots) / Double(self.slots)
        requestsPerSecond = max(1, Int((Double(requestsPerSecond) * share).rounded()))
        concurrent = max(1, Int((Double(concurrent) * share).rounded()))
        self.slots = slots
    }

    /// How many tokens a second the budget brings at the most: a request counts until a second after its answer.
    package var tokensPerSecond: Double {
        let latency = (latency.lowerBound + latency.upperBound) / 2 / .seconds(1)
        return Double(requestsPerSecond) / (1 + latency)
    }

    /// More are not told apart.
    package static let mostSlots = Event.mostSlots

    var queue: ServerQueue {
        ServerQueue(concurrent: concurrent, requestsPerSecond: Double(requestsPerSecond))
    }
}
