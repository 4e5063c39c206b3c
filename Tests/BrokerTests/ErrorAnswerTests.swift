import Diagnosis
import LocalAPI
import LocalServer
import OAuth2
import Testing
import TokenLifecycle

@testable import Broker

/// What a caller hears for each way in which there is no token.
@Suite struct ErrorAnswerTests {
    private static let failure = TokenEndpointFailure(.transient, error: "connection_refused")
    private static let refusal = TokenEndpointFailure(.configuration, error: "invalid_client", serverStatus: 401)

    private func error(_ failure: FetchFailure) throws -> APIError {
        let client = try #require(ClientName("billing"))
        return APIError(failure, client: client) { Diagnosis.explain($0, client: client) }
    }

    @Test(
        arguments: [
            (
                .temporarilyUnavailable(retryAfter: .seconds(5), failure), .temporarilyUnavailable, 5,
                "connection_refused"
            ),
            (.temporarilyUnavailable(retryAfter: .milliseconds(1_001), nil), .temporarilyUnavailable, 2, nil),
            (.temporarilyUnavailable(retryAfter: .zero, nil), .temporarilyUnavailable, 1, nil),
            (.clientMisconfigured(refusal, retryAfter: .seconds(300)), .clientMisconfigured, 300, "invalid_client"),
            (.clientMisconfigured(refusal, retryAfter: nil), .clientMisconfigured, nil, "invalid_client"),
            (.loginRequired(refusal), .loginRequired, nil, "invalid_client"),
            (.minTTLUnmet(longest: .seconds(300)), .minTTLUnmet, nil, nil),
        ] as [(FetchFailure, APIErrorCode, Int?, String?)]
    )
    func `each failure has its code, its cause and its time to come back`(
        failure: FetchFailure,
        code: APIErrorCode,
        retryAfter: Int?,
        cause: String?
    ) throws {
        let error = try error(failure)
        #expect(error.code == code)
        #expect(error.retryAfter == retryAfter)
        #expect(error.cause == cause)
        #expect(error.client == "billing")
        #expect(!error.summary.isEmpty)
        let response = error.response()
        #expect(response.headers.first { $0.name == "Retry-After" }?.value == retryAfter.map(String.init))
    }

    @Test func `a token endpoint knows no 409`() throws {
        let unmet = try error(.minTTLUnmet(longest: .seconds(300)))
        #expect(unmet.response(for: TokenQuery(client: "billing")).status == 409)
        #expect(unmet.response(for: TokenQuery(client: "billing", asTokenEndpoint: true)).status == 400)
        #expect(unmet.summary.contains("300 s"))
    }

    @Test func `every class of failure has a code, and it is that of the machine's state`() {
        for failureClass in FailureClass.allCases {
            let code = TokenEndpointFailure(failureClass, error: "x").errorCode
            let expected: APIErrorCode =
                switch Self.state(after: failureClass) {
                case .misconfigured: .clientMisconfigured
                case .loginRequired: .loginRequired
                default: .temporarilyUnavailable
                }
            #expect(code == expected, "\(failureClass)")
        }
    }

    private static func state(after failureClass: FailureClass) -> SlotState {
        let now = Moment(sinceBoot: .seconds(100), sinceEpoch: .seconds(1_000))
        var machine = TokenSlotMachine(policy: RefreshPolicy(), boot: BootID("1"), kept: nil, lastAsked: nil, now: now)
        _ = machine.callerAsked(WaiterID(1), minTTL: nil, now: now)
        let failure = TokenEndpointFailure(failureClass, error: "x")
        _ = machine.requestFailed(failure, generation: Generation(1), spread: 0, now: now)
        _ = machine.probeEnded(.otherAnswer, generation: Generation(1), spread: 0, now: now)
        return machine.state(now: now)
    }

    @Test func `every code is counted under a result`() {
        let results = Set(APIErrorCode.allCases.map(\.fetchResult))
        #expect(results == Set(FetchResult.allCases).subtracting([.hit, .miss, .hungUp]))
    }
}
