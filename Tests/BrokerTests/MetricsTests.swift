import OAuth2
import Testing
import TokenLifecycle

@testable import Broker

@Suite struct MetricsTests {
    private func name(_ text: String) throws -> ClientName { try #require(ClientName(text)) }

    private func rendered(_ metrics: BrokerMetrics) -> String {
        var text = OpenMetricsText()
        metrics.render(into: &text)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    @Test func `a whole exposition is what OpenMetrics 1.0 wants, to the byte`() throws {
        let metrics = BrokerMetrics()
        metrics.readConnections { 3 }
        metrics.fetches(of: try name("sales")).count(.hit)
        metrics.fetches(of: try name("billing")).count(.hit)
        metrics.fetches(of: try name("billing")).count(.hit)
        metrics.fetches(of: try name("billing")).count(.minTTLUnmet)
        metrics.refused.count(.accessDenied)
        for outcome in [RejectionOutcome.notCurrent, .refreshing, .notCurrent] {
            metrics.rejection(client: try name("billing"), outcome: outcome)
        }
        metrics.tokenRequest(client: try name("billing"), failure: nil, duration: .milliseconds(250))
        metrics.tokenRequest(
            client: try name("billing"),
            failure: TokenEndpointFailure(.transient, error: "connection_refused"),
            duration: .seconds(31)
        )
        #expect(
            rendered(metrics) == """
                # TYPE tokenbroker_connections gauge
                # HELP tokenbroker_connections Connections of local callers and operators.
                tokenbroker_connections 3
                # TYPE tokenbroker_token_requests counter
                # HELP tokenbroker_token_requests Token requests by outcome.
                tokenbroker_token_requests_total{client="billing",outcome="success"} 1
                tokenbroker_token_requests_total{client="billing",outcome="transient"} 1
                # TYPE tokenbroker_token_request_seconds histogram
                # UNIT tokenbroker_token_request_seconds seconds
                # HELP tokenbroker_token_request_seconds Time from sending a token request to its outcome.
                tokenbroker_token_request_seconds_bucket{le="0.005"} 0
                tokenbroker_token_request_seconds_bucket{le="0.01"} 0
                tokenbroker_token_request_seconds_bucket{le="0.025"} 0
                tokenbroker_token_request_seconds_bucket{le="0.05"} 0
                tokenbroker_token_request_seconds_bucket{le="0.1"} 0
                tokenbroker_token_request_seconds_bucket{le="0.25"} 1
                tokenbroker_token_request_seconds_bucket{le="0.5"} 1
                tokenbroker_token_request_seconds_bucket{le="1"} 1
                tokenbroker_token_request_seconds_bucket{le="2.5"} 1
                tokenbroker_token_request_seconds_bucket{le="5"} 1
                tokenbroker_token_request_seconds_bucket{le="10"} 1
                tokenbroker_token_request_seconds_bucket{le="30"} 1
                tokenbroker_token_request_seconds_bucket{le="+Inf"} 2
                tokenbroker_token_request_seconds_count 2
                tokenbroker_token_request_seconds_sum 31.25
                # TYPE tokenbroker_fetches counter
                # HELP tokenbroker_fetches Fetches by local callers, by result.
                tokenbroker_fetches_total{client="billing",result="hit"} 2
                tokenbroker_fetches_total{client="billing",result="min_ttl_unmet"} 1
                tokenbroker_fetches_total{client="sales",result="hit"} 1
                tokenbroker_fetches_total{client="",result="access_denied"} 1
                # TYPE tokenbroker_rejections counter
                # HELP tokenbroker_rejections Callers' reports of refused tokens, by result.
                tokenbroker_rejections_total{client="billing",result="not_current"} 2
                tokenbroker_rejections_total{client="billing",result="refreshing"} 1
                # EOF

                """
        )
    }

    @Test func `a removed client leaves no series behind`() throws {
        let metrics = BrokerMetrics()
        for client in ["billing", "sales"] {
            metrics.fetches(of: try name(client)).count(.hit)
            metrics.tokenRequest(client: try name(client), failure: nil, duration: .zero)
            metrics.rejection(client: try name(client), outcome: .tooSoon)
        }
        metrics.removeClients([try name("billing")])
        metrics.rejection(client: try name("billing"), outcome: .tooSoon)
        #expect(!rendered(metrics).contains("billing"))
        #expect(rendered(metrics).contains(#"tokenbroker_fetches_total{client="sales",result="hit"} 1"#))
        #expect(rendered(metrics).contains("tokenbroker_token_request_seconds_count 2"))
    }

    @Test(arguments: [
        (0, "0"), (1, "1"), (-3, "-3"), (0.5, "0.5"), (1e-9, "1e-09"), (999_999_999_999_999, "999999999999999"),
        (1e15, "1000000000000000.0"), (-0.25, "-0.25"),
    ])
    func `numbers are written plainly`(value: Double, text: String) {
        #expect(OpenMetricsText.number(value) == text)
    }

    @Test func `a label cannot end its line`() {
        var text = OpenMetricsText()
        text.sample("a", labels: [("l", "q\"b\\n\nx"), ("m", "grün")], value: 1)
        #expect(String(decoding: text.bytes, as: UTF8.self) == "a{l=\"q\\\"b\\\\n\\nx\",m=\"grün\"} 1\n# EOF\n")
    }

    @Test func `a duration counts in every bucket that holds it, its bound included`() {
        var histogram = Histogram()
        for duration in [.zero, .milliseconds(5), .microseconds(5_001), .seconds(30), .milliseconds(30_001)]
            as [Duration]
        {
            histogram.record(duration)
        }
        #expect(histogram.buckets == [2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4])
        #expect(histogram.count == 5)
        #expect(abs(histogram.sum - 60.011001) < 1e-9)
        #expect(Histogram.bounds == Histogram.bounds.sorted())
    }

    @Test func `every result has its own count`() {
        let counters = FetchCounters()
        for (index, result) in FetchResult.allCases.enumerated() {
            for _ in 0...index { counters.count(result) }
        }
        #expect(counters.all.map(\.result) == FetchResult.allCases)
        #expect(counters.all.map(\.count) == (1...UInt64(FetchResult.allCases.count)).map { $0 })
    }
}
