internal import LocalAPI

/// How many token requests a second it takes to keep tokens of one server fresh.
package struct ServerLoad: Sendable, Equatable {
    /// Tokens that are refreshed ahead of their end.
    package private(set) var tokens = 0

    /// In the long run.
    package private(set) var requestsPerSecond = 0.0

    /// The shortest lifetime among them.
    private var shortestLifetime: Duration?

    package init() {}

    /// Adds a token that is refreshed after this share of its lifetime; one without an end is never refreshed.
    package mutating func add(lifetime: Duration?, refreshAt: Double) {
        guard let lifetime, lifetime >= .seconds(1) else { return }
        tokens += 1
        requestsPerSecond += 1 / (lifetime.inSeconds * refreshAt)
        shortestLifetime = min(shortestLifetime ?? lifetime, lifetime)
    }

    /// What is wrong when `budget` cannot carry the load, and what to do about it; nil when it can.
    package func excess(over budget: ServerBudget) -> (problem: String, remedy: String)? {
        guard requestsPerSecond > budget.requestsPerSecond * Self.carriedShare, let shortestLifetime else { return nil }
        let lifetime = DurationText.text(shortestLifetime)
        return (
            "\(tokens) tokens with lifetimes from \(lifetime) take \(Self.text(requestsPerSecond)) requests a second to "
                + "keep fresh, and \(Self.text(budget.requestsPerSecond)) are allowed: callers will have to wait",
            "raise requests_per_second if the server bears it, or have it issue tokens that live longer"
        )
    }

    /// A request counts until a second after its answer, which leaves this to a server that takes a quarter of a second.
    private static let carriedShare = 0.8

    private static func text(_ rate: Double) -> String {
        let tenths = (rate * 10).rounded() / 10
        return tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)"
    }
}
