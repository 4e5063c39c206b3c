import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

/// What becomes of a client whose secret cannot be read or is refused, and how it heals.
@Suite(.timeLimit(.minutes(5))) struct SecretFileTests {
    /// The broker looks at the files this often.
    private static let watch = Duration.seconds(5)

    @Test func `an unreadable secret stops its client alone`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing").replacing("billing.secret", with: "gone.secret") + rig.client("sales"))
            let answer = try rig.answer("/v1/token/billing")
            #expect(answer.status == 502)
            let error = try answer.error
            #expect(error.error == "client_misconfigured")
            #expect(error.cause == "secret_unreadable")
            #expect(try await rig.ask("/v1/token/sales").status == 200)
            let report = try rig.report()
            #expect(report.state == .misconfigured)
            #expect(report.lastError?.summary.contains("gone.secret") == true)
            #expect(rig.server.counters().client("billing-id").requests == 0)
        }
    }

    @Test func `a secret that the machine cannot read now is no mistake of the operator's`() async throws {
        try await withBroker { rig in
            // Reading at its beginning fails with EIO.
            try rig.start(rig.client().replacing("billing.secret", with: "/proc/self/mem"))
            let answer = try await rig.ask("/v1/token/billing")
            #expect(answer.status == 503)
            #expect(try answer.error.cause == "secret_unreadable")
            #expect(try rig.report().state == .expired && rig.isAttemptPlanned())
        }
    }

    @Test func `a secret that appears heals its client by the watch`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing").replacing("billing.secret", with: "late.secret"))
            #expect(try rig.answer("/v1/token/billing").status == 502)
            rig.advance(by: Self.watch)
            #expect(try rig.report().state == .misconfigured)
            try rig.files.write("hunter2", to: "late.secret")
            rig.advance(by: Self.watch)
            try await rig.until { try rig.report().state == .fresh }
            #expect(try rig.answer("/v1/token/billing").status == 200)
        }
    }

    @Test func `a refused secret is asked with again only when it changed`() async throws {
        try await withBroker(registered: ["billing-id": "right"]) { rig in
            try rig.start(rig.client())
            let refused = try await rig.ask("/v1/token/billing")
            #expect(refused.status == 502)
            #expect(try refused.error.cause == "invalid_client")
            rig.advance(by: Self.watch * 10)
            #expect(rig.server.counters().tokenRequests == 1)
            try rig.files.write("right", to: "billing.secret")
            rig.advance(by: Self.watch)
            try await rig.until { try rig.report().state == .fresh }
            #expect(rig.server.counters().tokenRequests == 2)
        }
    }

    @Test func `it heals the other scopes too, whatever the client's own does`() async throws {
        try await withBroker(registered: ["billing-id": "right"]) { rig in
            try rig.start(rig.client("billing", #"scopes = ["a", "b"]"#))
            #expect(try await rig.ask("/v1/token/billing?scope=a").status == 502)
            try rig.files.write("right", to: "billing.secret")
            rig.advance(by: Self.watch)
            try await rig.until { try rig.report().slots.contains { $0.scope == "a" && $0.state == .fresh } }
        }
    }

    @Test func `a link's new target is a changed secret`() async throws {
        try await withBroker(registered: ["billing-id": "right"]) { rig in
            try rig.files.write("wrong", to: "one.secret")
            try rig.files.write("right", to: "two.secret")
            try rig.files.link("one.secret", to: "target")
            try rig.files.link("target", to: "billing.secret")
            try rig.start(rig.client())
            #expect(try await rig.ask("/v1/token/billing").status == 502)
            try rig.files.link("two.secret", to: "target")
            rig.advance(by: Self.watch)
            try await rig.until { try rig.report().state == .fresh }
        }
    }

    @Test func `a secret lost under a fresh token is noticed at the refresh, and the token serves on`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let first = try await rig.ask("/v1/token/billing").token
            try rig.files.write("", to: "billing.secret")
            rig.advance(by: .seconds(2_700))
            try await rig.until { try rig.report().state == .misconfigured }
            #expect(try rig.answer("/v1/token/billing").token.accessToken == first.accessToken)
            #expect(try rig.report().serving)
            try rig.files.write("hunter2", to: "billing.secret")
            rig.advance(by: Self.watch)
            try await rig.until { try rig.report().state == .fresh }
        }
    }
}
