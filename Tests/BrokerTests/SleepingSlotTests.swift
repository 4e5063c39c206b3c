import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing
import TokenLifecycle
import TokenStore

@testable import Broker

/// Tokens that the store kept, from the start until somebody looks at them.
@Suite(.timeLimit(.minutes(5))) struct SleepingSlotTests {
    private static let queries = ["", "?scope=a", "?scope=b"]

    private static let both = #"allow = [{ user = 0, scopes = ["a", "b"] }]"#
    private static let onlyB = #"allow = [{ user = 0, scopes = ["b"] }]"#

    private func text(_ rig: BrokerRig, _ lines: String = "", allow: String = both) -> String {
        rig.client("billing", "scopes = [\"s\"]\n\(allow)\n\(lines)")
    }

    /// Restarts a broker that got a token for each of the queries; nobody has looked at those for a scope.
    private func restarting(
        _ lines: String = "",
        allowing allow: String = both,
        meanwhile: (BrokerRig) async throws -> Void = { _ in },
        _ body: (BrokerRig, _ tokens: [String]) async throws -> Void
    ) async throws {
        try await withBroker { rig in
            try rig.start(text(rig, lines))
            var tokens: [String] = []
            for query in Self.queries {
                tokens.append(try await rig.ask("/v1/token/billing\(query)").token.accessToken)
            }
            try await meanwhile(rig)
            let again = try await BrokerRig.restarted(rig, text(rig, lines, allow: allow), waking: false)
            try await body(again, tokens)
            await again.stop()
        }
    }

    private func isAsleep(_ rig: BrokerRig) -> Bool { rig.broker.directory.snapshot.inOrder[0].isAsleep }

    @Test func `each is served at once, without a request`() async throws {
        try await restarting { (rig, tokens) async throws in
            #expect(isAsleep(rig))
            #expect(try rig.cached() == tokens[0])
            #expect(isAsleep(rig))
            #expect(try rig.cached("?scope=b") == tokens[2])
            #expect(!isAsleep(rig))
            #expect(try rig.cached("?scope=a") == tokens[1])
            #expect(rig.server.counters().tokenRequests == 3)
        }
    }

    @Test func `they have a plan once they are woken`() async throws {
        try await restarting("keep_warm = \"always\"") { (rig, tokens) async throws in
            rig.broker.wakeSlots()
            rig.advance(by: .seconds(2_800))
            try await rig.until { rig.server.counters().tokenRequests == 6 }
            for (query, token) in zip(Self.queries, tokens) {
                try await rig.until { try rig.cached(query) != token }
            }
        }
    }

    @Test func `whoever looks at a client's slots sees all of them`() async throws {
        try await restarting { (rig, _) async throws in
            #expect(rig.broker.statusLine == "1 client: 1 fresh")
            #expect(isAsleep(rig))
            #expect(try rig.report().slots.map(\.state) == [.fresh, .fresh, .fresh])
        }
    }

    @Test func `those that cannot be opened are reported, and asked for again`() async throws {
        let otherKey = try StateKeys(
            sealing: Secret(bytes: [UInt8](repeating: 8, count: 32)),
            opening: [Secret(bytes: [UInt8](repeating: 7, count: 32))]
        )
        try await restarting(meanwhile: { rig in
            let token = try #require(try rig.stored.first { $0.slot.target.scope == ScopeSet(["b"]) })
            let store = try TokenStore.open(path: "\(rig.files.directory)/state.sqlite", keys: otherKey)
            try await store.save(token)
            try store.close()
        }) { (rig, tokens) async throws in
            let report = "A stored token cannot be read"
            #expect(rig.log.lines(with: report).isEmpty)
            #expect(try rig.cached("?scope=a") == tokens[1])
            #expect(
                rig.log.lines(with: report) == [
                    "warning A stored token cannot be read and will be asked for again client=billing reason=key_missing"
                ]
            )
            let new = try await rig.ask("/v1/token/billing?scope=b").token.accessToken
            #expect(new != tokens[2])
            #expect(rig.server.counters().tokenRequests == 4)
        }
    }

    @Test func `those that nobody may ask for any more are forgotten`() async throws {
        try await restarting(allowing: Self.onlyB) { (rig, tokens) async throws in
            #expect(try rig.stored.count == 3)
            rig.broker.wakeSlots()
            #expect(try rig.cached("?scope=b") == tokens[2])
            await rig.broker.finishWrites(within: BrokerRig.writePatience)
            #expect(try rig.stored.count == 2)
            #expect(try rig.report().slots.map(\.scope) == ["s", "b"])
        }
    }

    @Test func `a client that is configured anew takes them over, and they sleep where it differs in its rules alone`()
        async throws
    {
        try await restarting { (rig, tokens) async throws in
            #expect(try await rig.reload(text(rig, allow: Self.onlyB)).status == 200)
            #expect(isAsleep(rig))
            #expect(try await rig.reload(text(rig, "keep_warm = \"2h\"", allow: Self.onlyB)).status == 200)
            #expect(!isAsleep(rig))
            #expect(try rig.cached("?scope=b") == tokens[2])
            #expect(try rig.report().slots.map(\.scope) == ["s", "b"])
            #expect(rig.server.counters().tokenRequests == 3)
        }
    }

    @Test func `whoever takes them over asks, and not who had them before`() async throws {
        let warm = "keep_warm = \"always\""
        try await restarting(warm, meanwhile: { $0.clock.advance(by: .seconds(2_900)) }) { (rig, tokens) async throws in
            let client = rig.broker.directory.snapshot.inOrder[0]
            #expect(client.memories().count == 3)
            let asking = client.slots.filter { $0.report().isAttemptUnderWay }
            #expect(asking.map(\.id.target) == [client.configuration.target])
            let changed = text(rig, "\(warm)\nrequest_timeout = \"20s\"")
            #expect(try await rig.reload(changed).status == 200)
            for (query, token) in zip(Self.queries, tokens) {
                try await rig.until { try rig.cached(query) != token }
            }
        }
    }

    @Test func `with a client that is gone they are gone`() async throws {
        try await restarting { (rig, tokens) async throws in
            #expect(try await rig.reload(rig.client("sales")).status == 200)
            await rig.broker.finishWrites(within: BrokerRig.writePatience)
            #expect(try rig.stored.isEmpty)
            #expect(try await rig.reload(text(rig)).status == 200)
            #expect(try await rig.ask("/v1/token/billing?scope=a").token.accessToken != tokens[1])
        }
    }

    @Test func `a client that cannot prove who it is has woken slots that say so`() async throws {
        try await restarting(meanwhile: { try $0.files.write("", to: "billing.secret") }) { (rig, _) async throws in
            #expect(try rig.report().slots.map(\.state) == [.misconfigured, .misconfigured, .misconfigured])
        }
    }

    @Test func `a logout ends those that sleep too`() async throws {
        try await withBroker { rig in
            let text = try rig.loggedIn("billing", scope: "a b", "scopes = [\"a\", \"b\"]")
            try rig.start(text)
            for query in Self.queries { #expect(try await rig.ask("/v1/token/billing\(query)").status == 200) }
            let again = try await BrokerRig.restarted(rig, text, waking: false)
            #expect(isAsleep(again))
            let logout = again.begin("/v1/clients/billing/logout", method: .post, on: .admin)
            #expect(try await logout.answer().status == 200)
            for query in Self.queries {
                #expect(try await again.ask("/v1/token/billing\(query)").error.error == "login_required")
            }
            await again.stop()
        }
    }

    @Test func `a broker that stops, and a clock that is set, leave them asleep`() async throws {
        try await restarting { (rig, tokens) async throws in
            rig.broker.clockChanged()
            #expect(isAsleep(rig))
            #expect(try rig.cached("?scope=a") == tokens[1])
        }
        try await restarting { (rig, _) async throws in
            rig.broker.endWaits()
            #expect(isAsleep(rig))
        }
    }
}
