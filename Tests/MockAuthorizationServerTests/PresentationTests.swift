import NIOHTTP1
import Testing

@testable import MockAuthorizationServer

@Suite("The ledger of refresh tokens")
struct PresentationTests {
    private let clock = ManualClock()

    private func withRotation(
        _ set: (inout RotationPolicy) -> Void = { _ in },
        _ body: (MockAuthorizationServer) async throws -> Void
    ) async throws {
        let clock = clock
        try await withServer(
            { configuration in
                configuration.now = { clock.now() }
                set(&configuration.rotation)
            },
            body
        )
    }

    @discardableResult
    private func refresh(_ token: String, at server: MockAuthorizationServer, more: String = "") async throws -> Answer
    {
        try await Caller.post("grant_type=refresh_token&refresh_token=\(token)" + more, to: server.tokenEndpoint)
    }

    private func judgements(_ server: MockAuthorizationServer) -> [RefreshJudgement] {
        server.presentations(of: "billing").map(\.judgement)
    }

    @Test("names each token's parent, family, generation and every presentation")
    func lineage() async throws {
        try await withRotation { server in
            let other = server.issueRefreshToken(client: "reports")
            let first = server.issueRefreshToken(client: "billing")
            clock.advance(by: .seconds(5))
            let second = try #require(try await refresh(first, at: server)["refresh_token"])
            try await refresh(second, at: server)

            let tokens = server.refreshTokens(of: "billing")
            #expect(tokens.map(\.generation) == [1, 2, 3])
            #expect(tokens.map(\.parent) == [nil, SeenSecret(first), SeenSecret(second)])
            #expect(tokens.allSatisfy { $0.family == 2 && !$0.isRevoked })
            #expect(tokens.map { $0.spentAt == nil } == [false, false, true])
            #expect(tokens[1].issuedAt - tokens[0].issuedAt == .seconds(5))
            #expect(tokens.map(\.presentations.count) == [1, 1, 0])
            #expect(server.refreshTokens().first?.value == SeenSecret(other))

            let presented = server.presentations(of: "billing")
            #expect(presented.map(\.token) == [SeenSecret(first), SeenSecret(second)])
            #expect(presented.map(\.request) == server.requests().map(\.number))
            #expect(presented.map(\.generation) == [1, 2])
            #expect(presented.allSatisfy { $0.judgement == .current && $0.at == clock.now() })
            #expect(!"\(presented)\(tokens)".contains(first))
        }
    }

    @Test("tells a replay within the grace window from one beyond it, which ends the family")
    func replays() async throws {
        try await withRotation({ $0.graceWindow = .seconds(10) }) { server in
            let first = server.issueRefreshToken(client: "billing")
            try await refresh(first, at: server)
            let sibling = try #require(try await refresh(first, at: server)["refresh_token"])
            #expect(server.refreshTokens(of: "billing").map(\.generation) == [1, 2, 2])
            #expect(!server.rotationVerdict(of: "billing").familyIsRevoked)
            clock.advance(by: .seconds(10))
            try await refresh(first, at: server)
            try await refresh(sibling, at: server)
            #expect(judgements(server) == [.current, .replayGranted, .replayRefused, .revoked])
            #expect(server.rotationVerdict(of: "billing").familyIsRevoked)
            #expect(server.counters().client("billing").judged(.replayGranted) == 1)
        }
    }

    @Test("knows what was refused for another reason, and what nobody looked at")
    func otherJudgements() async throws {
        try await withRotation({ $0.familyLifetime = .seconds(60) }) { server in
            let token = server.issueRefreshToken(client: "billing", scope: "read")
            let foreign = server.issueRefreshToken(client: "reports")
            try await refresh("rt-of-nobody", at: server)
            try await refresh(foreign, at: server)
            try await refresh(token, at: server, more: "&scope=write")
            server.setBehaviour(.error("temporarily_unavailable", status: 503), times: 1)
            try await refresh(token, at: server)
            clock.advance(by: .seconds(60))
            try await refresh(token, at: server)
            #expect(judgements(server) == [.unknown, .unknown, .unjudged, .unjudged, .expired])
            #expect(server.refreshTokens(of: "billing").map(\.spentAt) == [nil])
        }
    }

    @Test("a token that stays is current each time")
    func noRotation() async throws {
        try await withRotation({ $0.rotates = false }) { server in
            let token = server.issueRefreshToken(client: "billing")
            for _ in 1...3 { try await refresh(token, at: server) }
            #expect(judgements(server) == [.current, .current, .current])
        }
    }

    @Test("an answer that a gateway loses spends the token when the server acted first, and only then")
    func gateways() async throws {
        try await withRotation { server in
            let first = server.issueRefreshToken(client: "billing")
            for actsFirst in [false, true] {
                server.setBehaviour(.badGateway(actsFirst: actsFirst), times: 1)
                let lost = try await refresh(first, at: server)
                #expect(lost.status == 502)
                #expect(lost.text.contains("Bad Gateway"))
            }
            #expect(judgements(server) == [.unjudged, .current])
            #expect(server.refreshTokens(of: "billing").map(\.generation) == [1, 2])
        }
    }

    @Test(
        "an answer that the connection loses spends the token",
        arguments: [ConnectionFault.dropBeforeAnswer, .dropMidAnswer, .reset, .resetMidAnswer]
    )
    func lostAnswers(fault: ConnectionFault) async throws {
        try await withRotation { server in
            let first = server.issueRefreshToken(client: "billing")
            server.setBehaviour(.fault(fault), times: 1)
            await #expect(throws: (any Error).self) { try await refresh(first, at: server) }
            #expect(judgements(server) == [.current])
            let again = try await refresh(first, at: server)
            #expect(again["error"] == "invalid_grant")
        }
    }

    @Test("a refresh token's own lifetime can be stated, by either name")
    func statedLifetime() async throws {
        try await withRotation { server in
            let token = server.issueRefreshToken(client: "billing")
            var stating = Behaviour()
            stating.members = ["refresh_expires_in": 1800, "refresh_token_expires_in": 3600]
            server.setBehaviour(stating)
            let answer = try await refresh(token, at: server)
            #expect(answer.members["refresh_expires_in"] == 1800)
            #expect(answer.members["refresh_token_expires_in"] == 3600)
            #expect(answer["refresh_token"] != nil)
        }
    }

    @Test("is told over the control interface without a value")
    func controlInterface() async throws {
        try await withRotation { server in
            let first = server.issueRefreshToken(client: "billing")
            let second = try #require(try await refresh(first, at: server)["refresh_token"])
            try await refresh(first, at: server)
            let told = try await Caller.send(.GET, server.controlURL + "/refresh-tokens")
            #expect(told.status == 200)
            #expect(!told.text.contains(first) && !told.text.contains(second))
            guard case .array(let tokens) = JSONText.decode(Array(told.text.utf8)),
                case .object(let one) = tokens.first, case .array(let presented) = one["presentations"],
                case .object(let replay) = presented.last
            else {
                Issue.record("\(told.text)")
                return
            }
            #expect(tokens.count == 2)
            #expect(one["client"] == "billing")
            #expect(one["generation"] == 1)
            #expect(one["revoked"] == true)
            #expect(replay["judgement"] == "replay_refused")
            #expect(replay["request"] == 2)
            let counters = try await Caller.send(.GET, server.controlURL + "/counters")
            #expect(counters.text.contains(#""refresh_tokens":{"current":1,"replay_refused":1}"#), "\(counters.text)")
        }
    }
}
