import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing
import TokenStore

@testable import Broker

/// A client with several secrets, of which the server accepts one.
@Suite(.timeLimit(.minutes(5))) struct SecretRotationTests {
    private static let registered = ["billing-id": "right"]

    /// The client's table with the secrets in these files, written as `contents`.
    private static func twoSecrets(_ rig: BrokerRig, _ contents: [String], _ table: String) throws -> String {
        try write(contents, rig)
        let files = contents.indices.map { "{ file = \"\($0 + 1).secret\" }" }.joined(separator: ", ")
        return table.replacing("{ file = \"billing.secret\" }", with: "[\(files)]")
    }

    private static func write(_ contents: [String], _ rig: BrokerRig) throws {
        for (index, secret) in contents.enumerated() { try rig.files.write(secret, to: "\(index + 1).secret") }
    }

    private static func token(_ rig: BrokerRig) async throws -> Answer {
        let pending = rig.begin("/v1/token/billing")
        try await rig.takingTurns { try pending.now != nil }
        return try await pending.answer()
    }

    private static func refresh(_ rig: BrokerRig) async throws -> Answer {
        rig.advance(by: .seconds(1))
        let pending = rig.begin("/v1/clients/billing/refresh", method: .post, on: .admin)
        try await rig.takingTurns { try pending.now != nil }
        return try await pending.answer()
    }

    /// The secrets as the server saw them, since the last look.
    private static func presented(_ rig: BrokerRig, after count: inout Int) -> [String?] {
        let requests = rig.server.requests()
        defer { count = requests.count }
        return requests.dropFirst(count).map { $0.secret?.exposed }
    }

    @Test(arguments: ["client_secret_basic", "client_secret_post"])
    func `the next is tried in the same attempt, then comes first, and is shown`(method: String) async throws {
        try await withBroker(registered: Self.registered) { rig in
            var seen = 0
            let table = rig.client("billing", "client_authentication = \"\(method)\"")
            try rig.start(try Self.twoSecrets(rig, ["old", "right"], table))
            #expect(try rig.report().clientSecret == ClientSecretStatus(working: nil, of: 2, source: nil))
            #expect(try await Self.token(rig).status == 200)
            #expect(Self.presented(rig, after: &seen) == ["old", "right"])
            let source = "\(rig.files.directory)/2.secret"
            #expect(try rig.report().clientSecret == ClientSecretStatus(working: 2, of: 2, source: source))
            #expect(try await Self.refresh(rig).status == 200)
            #expect(Self.presented(rig, after: &seen) == ["right"])
            #expect(rig.log.lines(with: "Another of the client's secrets").count == 1)

            // The first again.
            try Self.write(["right", "old"], rig)
            #expect(try await Self.refresh(rig).status == 200)
            #expect(Self.presented(rig, after: &seen) == ["old", "right"])
            #expect(try rig.report().clientSecret?.working == 1)
            #expect(rig.log.lines(with: "Another of the client's secrets").count == 2)
            #expect(!rig.log.lines.contains { $0.contains("right") })
        }
    }

    @Test func `of one that works first nothing is said`() async throws {
        try await withBroker(registered: Self.registered) { rig in
            try rig.start(try Self.twoSecrets(rig, ["right", "new"], rig.client()))
            #expect(try await Self.token(rig).status == 200)
            #expect(rig.server.counters().tokenRequests == 1)
            #expect(try rig.report().clientSecret?.working == 1)
            #expect(rig.log.lines(with: "Another of the client's secrets").isEmpty)
        }
    }

    @Test func `a third is tried like a second, and none twice`() async throws {
        try await withBroker(registered: Self.registered) { rig in
            var seen = 0
            try rig.start(try Self.twoSecrets(rig, ["a", "a", "b", "right"], rig.client()))
            #expect(try await Self.token(rig).status == 200)
            #expect(Self.presented(rig, after: &seen) == ["a", "b", "right"])
            #expect(try rig.report().clientSecret?.working == 4)
        }
    }

    @Test func `when all are refused the first one's refusal is told, once`() async throws {
        try await withBroker(registered: Self.registered) { rig in
            try rig.start(try Self.twoSecrets(rig, ["old", "new"], rig.client()))
            let answer = try await Self.token(rig)
            #expect(answer.status == 502)
            #expect(try answer.error.cause == "invalid_client")
            let report = try rig.report()
            #expect(report.state == .misconfigured)
            #expect(report.lastError?.summary.contains("2 secrets") == true)
            #expect(report.clientSecret?.working == nil)
            rig.advance(by: .seconds(60))
            #expect(rig.server.counters().tokenRequests == 2)
        }
    }

    @Test func `one that cannot be read is passed over`() async throws {
        try await withBroker(registered: Self.registered) { rig in
            try rig.start(try Self.twoSecrets(rig, ["", "right"], rig.client()))
            #expect(try await Self.token(rig).status == 200)
            #expect(rig.server.counters().tokenRequests == 1)
            #expect(try rig.report().clientSecret?.working == 2)
        }
    }

    @Test func `what worked is remembered over a reload, until the secrets are others`() async throws {
        try await withBroker(registered: Self.registered) { rig in
            let text = try Self.twoSecrets(rig, ["old", "right"], rig.client())
            try rig.start(text)
            _ = try await Self.token(rig)
            _ = try await rig.reload(text + "request_timeout = \"20s\"\n")
            #expect(try rig.report().clientSecret?.working == 2)
            _ = try await rig.reload(text.replacing("1.secret", with: "3.secret"))
            #expect(try rig.report().clientSecret?.working == nil)
        }
    }

    @Test(
        arguments: [
            (Behaviour.error("invalid_scope"), 502), (.error("unauthorized_client"), 502),
            (.error("temporarily_unavailable", status: 503), 503), (.answer(status: 400, body: ""), 502),
            (.answer(status: 429, body: "", headers: ["Retry-After": "7"]), 503), (.fault(.dropBeforeAnswer), 503),
            (.answer(status: 403, body: "<html>", contentType: "text/html"), 502),
        ]
    )
    func `nothing but a failed authentication leads to the next`(behaviour: Behaviour, status: Int) async throws {
        try await withBroker { rig in
            rig.server.setBehaviour(behaviour)
            try rig.start(try Self.twoSecrets(rig, ["old", "new"], rig.client()))
            #expect(try await Self.token(rig).status == status)
            #expect(rig.server.counters().tokenRequests == 1)
        }
    }

    @Test(
        arguments: [
            Behaviour.error("invalid_client"), .error("unauthorized_client", status: 401),
            .answer(status: 401, body: ""), .answer(status: 403, body: ""),
        ]
    )
    func `a failed authentication leads to the next however a server says it`(behaviour: Behaviour) async throws {
        try await withBroker { rig in
            rig.server.setBehaviour(behaviour, times: 1)
            try rig.start(try Self.twoSecrets(rig, ["old", "new"], rig.client()))
            #expect(try await Self.token(rig).status == 200)
            #expect(rig.server.counters().tokenRequests == 2)
        }
    }

    @Test func `how the next one fails is told where it is no failed authentication`() async throws {
        try await withBroker { rig in
            rig.server.setBehaviour(.error("invalid_client", status: 401), times: 1)
            rig.server.setBehaviour(.error("temporarily_unavailable", status: 503), times: 1)
            try rig.start(try Self.twoSecrets(rig, ["old", "new"], rig.client()))
            let answer = try await Self.token(rig)
            #expect(answer.status == 503)
            #expect(try answer.error.cause == "temporarily_unavailable")
        }
    }

    // MARK: With a refresh token

    @Test func `a refresh token is presented with the next, in one turn and by one intent`() async throws {
        try await withBroker(registered: Self.registered) { rig in
            var seen = 0
            try rig.start(try Self.twoSecrets(rig, ["old", "right"], rig.loggedIn()))
            #expect(try await Self.token(rig).status == 200)
            #expect(Self.presented(rig, after: &seen) == ["old", "right"])
            // The server looked at the refresh token only when it knew whose it is.
            #expect(rig.judgements == [.unjudged, .current])
            #expect(rig.server.counters().total.maximumInFlight == 1)
            #expect(try rig.held.intent == nil && rig.held.grant.sequence == 2)

            try Self.write(["right", "old"], rig)
            #expect(try await Self.refresh(rig).status == 200)
            #expect(Self.presented(rig, after: &seen) == ["old", "right"])
            #expect(rig.judgements == [.unjudged, .current, .unjudged, .current])
            #expect(try rig.report().grant?.sequence == 3)
        }
    }

    @Test func `refused with each, it is not spent and stays`() async throws {
        try await withBroker(registered: Self.registered) { rig in
            try rig.start(try Self.twoSecrets(rig, ["old", "new"], rig.loggedIn()))
            #expect(try await Self.token(rig).status == 502)
            #expect(rig.server.counters().tokenRequests == 2)
            #expect(try rig.held.intent == nil && rig.held.grant.sequence == 1)
            #expect(try rig.report().lastError?.summary.contains("2 secrets") == true)
            try rig.files.write("right", to: "2.secret")
            rig.advance(by: .seconds(5))
            try await rig.takingTurns { try rig.report().state == .fresh }
            #expect(rig.judgements == [.unjudged, .unjudged, .unjudged, .current])
        }
    }

    @Test(
        arguments: [
            Behaviour.answer(status: 401, body: ""), .answer(status: 403, body: ""),
            .error("invalid_grant", status: 401),
            .error("invalid_grant"), .fault(.dropBeforeAnswer), .answer(status: 500, body: ""),
        ]
    )
    func `it is not presented again where it may be spent`(behaviour: Behaviour) async throws {
        try await withBroker { rig in
            rig.server.setBehaviour(behaviour, times: 1)
            try rig.start(try Self.twoSecrets(rig, ["old", "new"], rig.loggedIn()))
            #expect(try await Self.token(rig).status != 200)
            #expect(rig.server.counters().tokenRequests == 1)
        }
    }

    @Test func `lost with the next, its outcome is unknown`() async throws {
        try await withBroker(registered: Self.registered) { rig in
            rig.server.setBehaviour(.error("invalid_client", status: 401), times: 1)
            rig.server.setBehaviour(.fault(.dropBeforeAnswer), times: 1)
            try rig.start(try Self.twoSecrets(rig, ["old", "right"], rig.loggedIn()))
            #expect(try await Self.token(rig).status == 503)
            #expect(try rig.held.intent?.attempts == 1)
            #expect(try rig.report().grant?.warning?.contains("presented once without") == true)
        }
    }

    @Test func `a logout revokes with the next`() async throws {
        try await withBroker(registered: Self.registered) { rig in
            let endpoint = "revocation_endpoint = \"\(rig.server.url(.revocation))\""
            try rig.start(try Self.twoSecrets(rig, ["right", "new"], rig.loggedIn("billing", endpoint)))
            #expect(try await Self.token(rig).status == 200)
            try Self.write(["old", "right"], rig)
            let answer = try await rig.begin("/v1/clients/billing/logout", method: .post, on: .admin).answer()
            #expect(try answer.document(LogoutDocument.self).revoked)
            #expect(try rig.report().clientSecret?.working == 2)
        }
    }
}
