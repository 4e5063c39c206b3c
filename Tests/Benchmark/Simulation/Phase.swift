/// What was seen in a part of the simulated time.
package struct Phase: Sendable {
    /// What distinguishes it.
    package let name: String

    /// From the start of the simulation.
    package let time: Range<Duration>

    /// What reached the server.
    package var requests = 0

    /// Those among them that brought no token.
    package var failedRequests = 0

    /// The most that reached the server within one second, wherever it begins.
    package var busiestSecond = 0

    /// From a slot's wish for a token to its turn at the server.
    package var queueing = Durations()

    /// How long slots that got a token had been without a good one.
    package var gaps = Durations()

    /// When the last of them got it, from the start of the simulation; nil when none had been without.
    package var gapsEnd: Duration?

    /// Callers that got a token at once.
    package var served = 0

    /// Callers that got one after waiting.
    package var waited = 0

    /// Callers that heard of a failure, or waited in vain.
    package var failed = 0

    /// Slots that had no token at the end.
    package var withoutToken = 0

    /// What happened from `time`'s beginning to its end.
    package init(_ name: String, _ time: Range<Duration>) {
        self.name = name
        self.time = time
    }

    /// How many requests a second reached the server, on average.
    package var requestsPerSecond: Double { Double(requests) / ((time.upperBound - time.lowerBound) / .seconds(1)) }

    /// How many callers there were.
    package var calls: Int { served + waited + failed }
}
