import LocalAPI
import MockAuthorizationServer
import OAuth2
import TestSupport
import Testing
import TokenStore

@testable import Broker

/// Several tokens of one client side by side: by scope, audience and resource.
@Suite(.timeLimit(.minutes(5))) struct SlotTests {
    private static let scopes = (0..<20).map { "s\($0)" }

    private static func list(_ scopes: some Sequence<String>) -> String {
        "[\(scopes.map { "\"\($0)\"" }.joined(separator: ", "))]"
    }

    /// A second after whatever was before, so that of two slots one was asked later.
    private func ask(_ rig: BrokerRig, _ query: String) async throws -> Answer {
        rig.advance(by: .seconds(1))
        return try await rig.answering(rig.begin("/v1/token/billing\(query)"))
    }

    private func scopesHeld(_ rig: BrokerRig) throws -> Set<String> { Set(try rig.report().slots.map(\.scope)) }

    @Test func `each scope, audience and set of resources has a token of its own, over a restart too`() async throws {
        try await withBroker { rig in
            let allow = """
                allow = [{ user = 0, scopes = ["x"], audiences = ["https://a"], resources = ["https://r", "https://q"] }]
                """
            let text = rig.client("billing", "scopes = [\"s\"]\n\(allow)")
            try rig.start(text)
            let queries = [
                "", "?scope=x", "?audience=https://a", "?resource=https://r", "?resource=https://r&resource=https://q",
                "?scope=x&audience=https://a",
            ]
            var tokens: [String] = []
            for query in queries { tokens.append(try await ask(rig, query).token.accessToken) }
            #expect(Set(tokens).count == queries.count)
            let seen = rig.server.requests()
            #expect(seen.map { $0.parameter("scope") } == ["s", "x", "s", "s", "s", "x"])
            #expect(seen.map { $0.parameter("audience") } == [nil, nil, "https://a", nil, nil, "https://a"])
            #expect(
                seen.map { $0.parameters.filter { $0.name == "resource" }.map(\.value) }
                    == [[], [], [], ["https://r"], ["https://q", "https://r"], []]
            )
            // However the same is asked for, it is the same.
            #expect(try await ask(rig, "?resource=https://q&resource=https://r").token.accessToken == tokens[4])
            #expect(
                try rig.report().slots.map { [$0.scope, $0.audience ?? "-"] + $0.resource } == [
                    ["s", "-"], ["s", "-", "https://q", "https://r"], ["s", "-", "https://r"], ["s", "https://a"],
                    ["x", "-"], ["x", "https://a"],
                ]
            )
            let again = try await BrokerRig.restarted(rig, text)
            for (query, token) in zip(queries, tokens) {
                #expect(try again.answer("/v1/token/billing\(query)").token.accessToken == token, "\(query)")
            }
            await again.stop()
        }
    }

    @Test func `of several cold ones the coldest gives way`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", "scopes = \(Self.list(Self.scopes))\nkeep_warm = \"30m\""))
            for scope in Self.scopes.prefix(15) { #expect(try await ask(rig, "?scope=\(scope)").status == 200) }
            rig.advance(by: .seconds(3_700))
            // Asked for again, the oldest is the newest.
            #expect(try await ask(rig, "?scope=s0").status == 200)
            for (scope, gone) in [("s15", "s1"), ("s16", "s2"), ("s17", "s3")] {
                #expect(try await ask(rig, "?scope=\(scope)").status == 200)
                let held = try scopesHeld(rig)
                #expect(held.contains(scope) && !held.contains(gone) && held.count == 16)
                #expect(!(try rig.stored.contains { $0.slot.target.scope.wireValue == gone }))
            }
            #expect(try scopesHeld(rig).isSuperset(of: ["s0", "s4", "s14"]))
        }
    }

    @Test func `at the limit the caller hears what to do`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", "scopes = \(Self.list(Self.scopes))"))
            for scope in Self.scopes.prefix(15) { #expect(try await ask(rig, "?scope=\(scope)").status == 200) }
            let refused = try rig.answer("/v1/token/billing?scope=s15")
            #expect(refused.status == 429 && refused.header("Retry-After") == "60")
            let error = try refused.error
            #expect(error.error == "too_many_requests" && error.errorDescription?.contains("16") == true)
            #expect(error.remedy?.contains("fewer combinations of scope, audience and resource") == true)
            #expect(rig.server.requests().count == 15)
        }
    }

    @Test func `another default makes one too many, and the one that nobody asked for the longest goes`() async throws {
        try await withBroker { rig in
            let before = rig.client("billing", "scopes = \(Self.list(Self.scopes))")
            try rig.start(before)
            let asked = ["s3", "s1", "s2"] + Self.scopes[4..<16]
            for scope in asked { #expect(try await ask(rig, "?scope=\(scope)").status == 200) }
            #expect(try await ask(rig, "").status == 200)
            #expect(try rig.stored.count == 16)
            let text = rig.client("billing", "scopes = \(Self.list(Self.scopes + ["s20"]))")
            #expect(try await rig.reload(text).status == 200)
            let old = ScopeSet(Self.scopes).wireValue
            #expect(try scopesHeld(rig) == Set(asked.dropFirst() + [old, ScopeSet(Self.scopes + ["s20"]).wireValue]))
            #expect(!(try rig.stored.contains { $0.slot.target.scope.wireValue == "s3" }))
            #expect(try rig.stored.count == 15)
        }
    }

    @Test func `requests of one grant come one after the other, whatever they are for`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn("billing", scope: "a b c", "scopes = [\"a\", \"b\", \"c\"]"))
            rig.server.setBehaviour(.held)
            let pending = ["", "&scope=a", "&scope=b", "&scope=c"].map {
                rig.begin("/v1/token/billing?timeout=60\($0)")
            }
            for number in 1...4 {
                try await rig.server.counters { $0.held == 1 && $0.tokenRequests == number }
                #expect(rig.broker.budgets.reports().map(\.inFlight) == [1])
                rig.server.release()
            }
            for pending in pending { #expect(try await pending.answer().status == 200) }
            #expect(rig.judgements == [.current, .current, .current, .current])
        }
    }

    @Test func `a refused token is replaced in its slot alone`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", "scopes = [\"a\", \"b\"]"))
            let whole = try await ask(rig, "").token.accessToken
            let narrow = try await ask(rig, "?scope=a").token.accessToken
            rig.advance(by: .seconds(2))
            #expect(try rig.isRefreshing(rejecting: narrow))
            try await rig.takingTurns { try rig.cached("?scope=a") != narrow }
            #expect(try rig.cached() == whole)
            #expect(rig.server.requests().map { $0.parameter("scope") } == ["a b", "a", "a"])
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `on a walk over many targets no more than 16 are held, and no token is asked for twice in its life`(
        seed: UInt64
    ) async throws {
        try await withBroker { rig in
            var random = SeededGenerator(seed: seed)
            let allow = "allow = [{ user = 0, audiences = [\"u\", \"v\"], resources = [\"urn:r\"] }]"
            let scopes = Array(Self.scopes.prefix(6))
            try rig.start(
                rig.client("billing", "scopes = \(Self.list(scopes))\nkeep_warm = \"never\"\n\(allow)")
            )
            let queries = scopes.flatMap { scope in
                ["", "&audience=u", "&audience=v", "&resource=urn:r"].map { "?scope=\(scope)\($0)" }
            }
            var held: [String: (token: String, endsAt: Duration)] = [:]
            var refusals = 0
            for step in 0..<400 {
                let query = random.pick(queries)
                let answer = try await ask(rig, query)
                let now = rig.clock.now().sinceEpoch
                // Usable for longer than the least that callers get, and than the turns may take that are waited for.
                let good = held.filter { $0.value.endsAt - now > .seconds(20) }
                if answer.status == 200 {
                    let token = try answer.token
                    if let known = good[query] { #expect(token.accessToken == known.token, "step \(step), \(query)") }
                    held[query] = (token.accessToken, .seconds(token.expiresAt ?? 0))
                } else {
                    refusals += 1
                    let error = try answer.error
                    #expect(answer.status == 429 && error.error == "too_many_requests", "step \(step)")
                    #expect(good[query] == nil)
                    // All places but the client's own are taken by tokens that serve.
                    #expect(held.filter { $0.value.endsAt > now }.count >= 15, "step \(step)")
                }
                #expect(try rig.report().slots.count <= 16)
                rig.advance(by: .seconds(random.below(300)))
            }
            #expect(refusals > 0)
            #expect(rig.server.requests().count > 50)
            let kept = Set(try rig.report().slots.map { "\($0.scope) \($0.audience ?? "") \($0.resource)" })
            let stored = try rig.stored.map(\.slot.target).map { "\($0.scope) \($0.audience ?? "") \($0.resource)" }
            #expect(kept.isSuperset(of: stored))
        }
    }
}
