package import OAuth2
internal import Synchronization
package import TokenLifecycle

/// What the broker counts; gauges are read from the slots when somebody looks.
package final class BrokerMetrics: Sendable {
    private struct RequestKey: Hashable {
        let client: ClientName
        let outcome: String
    }

    private struct RejectionKey: Hashable {
        let client: ClientName
        let result: String
    }

    private struct State {
        var fetches: [ClientName: FetchCounters] = [:]
        var tokenRequests: [RequestKey: UInt64] = [:]
        var rejections: [RejectionKey: UInt64] = [:]
        var tokenRequestSeconds = Histogram()
        var connections: @Sendable () -> Int = { 0 }
    }

    private let state = Mutex(State())

    /// The fetches refused before a client was known.
    package let refused = FetchCounters()

    package init() {}

    /// The counters of a client, the same ones over reloads.
    package func fetches(of client: ClientName) -> FetchCounters {
        state.withLock { state in
            if let counters = state.fetches[client] { return counters }
            let counters = FetchCounters()
            state.fetches[client] = counters
            return counters
        }
    }

    /// Counts a request to an authorization server by its outcome.
    func tokenRequest(client: ClientName, failure: TokenEndpointFailure?, duration: Duration) {
        let key = RequestKey(client: client, outcome: failure?.failureClass.rawValue ?? "success")
        state.withLock { state in
            // One that was removed while its request was under way would keep a series until the restart.
            if state.fetches[client] != nil { state.tokenRequests[key, default: 0] += 1 }
            state.tokenRequestSeconds.record(duration)
        }
    }

    /// Counts a report of a refused token by what came of it.
    package func rejection(client: ClientName, outcome: RejectionOutcome) {
        let key = RejectionKey(client: client, result: outcome.rawValue)
        state.withLock { state in
            if state.fetches[client] != nil { state.rejections[key, default: 0] += 1 }
        }
    }

    /// Where the number of connections of local callers is read.
    package func readConnections(from count: @escaping @Sendable () -> Int) {
        state.withLock { $0.connections = count }
    }

    /// Forgets clients that are configured no more.
    func removeClients(_ names: [ClientName]) {
        let names = Set(names)
        state.withLock { state in
            state.fetches = state.fetches.filter { !names.contains($0.key) }
            state.tokenRequests = state.tokenRequests.filter { !names.contains($0.key.client) }
            state.rejections = state.rejections.filter { !names.contains($0.key.client) }
        }
    }

    /// Adds the counted families to `text`.
    func render(into text: inout OpenMetricsText) {
        let (fetches, requests, rejections, histogram, connections) = state.withLock {
            ($0.fetches, $0.tokenRequests, $0.rejections, $0.tokenRequestSeconds, $0.connections)
        }
        text.family("tokenbroker_connections", type: "gauge", help: "Connections of local callers and operators.")
        text.sample("tokenbroker_connections", value: Double(connections()))
        text.family("tokenbroker_token_requests", type: "counter", help: "Token requests by outcome.")
        for (key, count) in requests.sorted(by: { ($0.key.client, $0.key.outcome) < ($1.key.client, $1.key.outcome) }) {
            text.sample(
                "tokenbroker_token_requests_total",
                labels: [("client", key.client.value), ("outcome", key.outcome)],
                value: Double(count)
            )
        }
        text.family(
            "tokenbroker_token_request_seconds",
            type: "histogram",
            unit: "seconds",
            help: "Time from sending a token request to its outcome."
        )
        for (bound, count) in zip(Histogram.bounds, histogram.buckets) {
            text.sample(
                "tokenbroker_token_request_seconds_bucket",
                labels: [("le", OpenMetricsText.number(bound))],
                value: Double(count)
            )
        }
        text.sample(
            "tokenbroker_token_request_seconds_bucket",
            labels: [("le", "+Inf")],
            value: Double(histogram.count)
        )
        text.sample("tokenbroker_token_request_seconds_count", value: Double(histogram.count))
        text.sample("tokenbroker_token_request_seconds_sum", value: histogram.sum)
        text.family("tokenbroker_fetches", type: "counter", help: "Fetches by local callers, by result.")
        for (client, counters) in fetches.sorted(by: { $0.key < $1.key }) {
            for (result, count) in counters.all {
                text.sample(
                    "tokenbroker_fetches_total",
                    labels: [("client", client.value), ("result", result.rawValue)],
                    value: Double(count)
                )
            }
        }
        for (result, count) in refused.all {
            text.sample(
                "tokenbroker_fetches_total",
                labels: [("client", ""), ("result", result.rawValue)],
                value: Double(count)
            )
        }
        text.family("tokenbroker_rejections", type: "counter", help: "Callers' reports of refused tokens, by result.")
        for (key, count) in rejections.sorted(by: { ($0.key.client, $0.key.result) < ($1.key.client, $1.key.result) }) {
            text.sample(
                "tokenbroker_rejections_total",
                labels: [("client", key.client.value), ("result", key.result)],
                value: Double(count)
            )
        }
    }
}
