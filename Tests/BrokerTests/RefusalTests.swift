import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

@testable import Broker

/// What a refusal without a reason leads to, on both grants.
@Suite(.timeLimit(.minutes(5))) struct RefusalTests {
    private static let probe = "tokenbroker-probe-not-a-refresh-token"

    @Test(arguments: [400, 401, 403])
    func `of the client's own grant is a matter of configuration, and tried again slowly`(status: Int) async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            rig.server.setBehaviour(.answer(status: status, body: ""))
            #expect(try await rig.ask("/v1/token/billing").error.error == "client_misconfigured")
            #expect(try rig.report().state == .misconfigured && rig.isAttemptPlanned())
            #expect(rig.server.counters().tokenRequests == 1)
        }
    }

    @Test(arguments: [401, 403])
    func `of a refresh stops the client until a person acts`(status: Int) async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            rig.server.setBehaviour(.answer(status: status, body: ""))
            #expect(try await rig.ask("/v1/token/billing").error.error == "client_misconfigured")
            rig.advance(by: .seconds(86_400))
            #expect(try rig.report().state == .misconfigured && !rig.isAttemptPlanned())
            #expect(rig.server.counters().tokenRequests == 1)
        }
    }

    @Test(
        arguments: [
            // The server refuses a refresh token that nobody has in the same way: ours is gone.
            (.answer(status: 400, body: ""), "login_required", .loginRequired),
            (.error("invalid_grant"), "client_misconfigured", .misconfigured),
            (.error("invalid_client", status: 401), "client_misconfigured", .misconfigured),
            (.fault(.reset), "client_misconfigured", .misconfigured),
            (.answer(status: 503, body: ""), "client_misconfigured", .misconfigured),
        ] as [(Behaviour, String, ClientState)]
    )
    func `of a refresh by 400 is told apart by one request with a refresh token that nobody has`(
        probed: Behaviour,
        error: String,
        state: ClientState
    ) async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            rig.server.setBehaviour(.answer(status: 400, body: ""), times: 1)
            rig.server.setBehaviour(probed)
            let answer = try await rig.ask("/v1/token/billing")
            #expect(try answer.error.error == error)
            #expect(try rig.report().state == state)
            #expect(try rig.report().grant?.standing == (state == .loginRequired ? .refused : .held))
            #expect(try rig.isAttemptPlanned() == (state == .misconfigured))
            let requests = rig.server.requests()
            #expect(requests.map { $0.parameter("grant_type") } == ["refresh_token", "refresh_token"])
            #expect(
                requests.map { request in
                    request.parameters.filter { $0.name == "refresh_token" }.map(\.verbatim.exposed)
                } == [[String(decoding: try rig.files.bytes(of: "billing.first"), as: UTF8.self)], [Self.probe]]
            )
            // Nobody else is told of a failing server for it.
            #expect(try rig.status.servers.first?.failing == false)
        }
    }
}
