import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

@testable import Broker

/// What authorization servers say of the tokens that are held, when an operator wants to know.
@Suite(.timeLimit(.minutes(5))) struct VerificationTests {
    private func introspection(_ rig: BrokerRig) -> String {
        "introspection_endpoint = \"\(rig.server.url(.introspection))\"\n"
    }

    private func verified(_ rig: BrokerRig, _ name: String = "billing") async throws -> ClientStatus {
        let answer = try await rig.ask("/v1/clients/\(name)?verify=true", on: .admin)
        return try answer.document(ClientDocument.self).client
    }

    @Test func `an active token is told with what the server says of it`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", introspection(rig) + "scopes = [\"a\", \"b\"]"))
            let token = try await rig.ask("/v1/token/billing").token
            let client = try await verified(rig)
            let found = try #require(client.verification)
            #expect(found.checkedAt == Int(rig.clock.now().sinceEpoch.components.seconds))
            #expect(found.accessToken.active == true && found.accessToken.scope == "a b")
            #expect(found.accessToken.expiresAt == token.expiresAt)
            #expect(found.refreshToken == nil && !found.isDoubtful)
            #expect(client.slots.map(\.verification) == [found.accessToken])
            let seen = try #require(rig.server.requests(to: .introspection).first)
            #expect(seen.clientID == "billing-id" && seen.authentication == .clientSecretBasic)
            #expect(seen.parameter("token_type_hint") == "access_token")
            // Asked for, and not otherwise.
            #expect(try rig.report().verification == nil)
            #expect(rig.server.requests(to: .introspection).count == 1)
            #expect(rig.broker.budgets.reports().allSatisfy { $0.inFlight == 0 && $0.waiting == 0 })
        }
    }

    @Test func `an inactive access token is told with its remedy, and serves as before`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", introspection(rig)))
            let token = try await rig.ask("/v1/token/billing").token.accessToken
            rig.server.revoke(token)
            let client = try await verified(rig)
            #expect(client.verification?.accessToken.active == false && client.verification?.isDoubtful == true)
            #expect(client.verification?.accessToken.remedy?.contains("`tokenctl refresh billing`") == true)
            #expect(client.state == .fresh)
            #expect(try rig.answer("/v1/token/billing").token.accessToken == token)
        }
    }

    @Test func `an inactive refresh token is told, and goes on being presented`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn("billing", introspection(rig)))
            _ = try await rig.ask("/v1/token/billing")
            rig.server.setBehaviour(.answer(status: 200, body: #"{"active":false}"#), at: .introspection)
            let client = try await verified(rig)
            #expect(client.verification?.refreshToken?.active == false)
            #expect(client.verification?.refreshToken?.summary?.contains("kept all the same") == true)
            #expect(client.grant?.standing == .held)
            #expect(
                rig.server.requests(to: .introspection).compactMap { $0.parameter("token_type_hint") }.sorted()
                    == ["access_token", "refresh_token"]
            )
            _ = try await rig.refreshed()
            #expect(rig.judgements == [.current, .current])
        }
    }

    @Test func `a refresh token that is rotated meanwhile is not called inactive`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn("billing", introspection(rig)))
            _ = try await rig.ask("/v1/token/billing")
            var behaviour = Behaviour.answer(status: 200, body: #"{"active":false}"#)
            behaviour.hold = true
            rig.server.setBehaviour(behaviour, at: .introspection)
            let pending = rig.begin("/v1/clients/billing?verify=true", on: .admin)
            try await rig.server.counters { $0.held == 2 }
            _ = try await rig.refreshed()
            rig.server.release()
            let found = try #require(
                try await pending.answer().document(ClientDocument.self).client.verification
            )
            #expect(found.refreshToken?.error == TokenVerification.replaced && found.refreshToken?.active == nil)
            #expect(found.accessToken.error == TokenVerification.replaced)
        }
    }

    @Test func `why a token was not verified is told`() async throws {
        try await withBroker { rig in
            try rig.start(
                rig.client("billing") + rig.client("sales", introspection(rig))
                    + rig.client("other", introspection(rig))
            )
            _ = try await rig.ask("/v1/token/billing")
            _ = try await rig.ask("/v1/token/sales")
            rig.server.setBehaviour(.error("invalid_client", status: 401), for: "sales-id", at: .introspection)
            let pending = rig.begin("/v1/status?verify=true", on: .admin)
            rig.advance(by: .seconds(1))
            let status = try await pending.answer().document(StatusDocument.self)
            let found = Dictionary(
                uniqueKeysWithValues: status.clients.map { ($0.client, $0.verification?.accessToken) }
            )
            #expect(found["billing"]??.error == TokenVerification.noEndpoint)
            #expect(found["billing"]??.remedy?.contains("introspection_endpoint") == true)
            #expect(found["other"]??.error == TokenVerification.noToken)
            #expect(found["sales"]??.error == "invalid_client" && found["sales"]??.isDoubtful == true)
            #expect(found["sales"]??.remedy?.isEmpty == false)
            #expect(status.clients.map { $0.verification?.isDoubtful } == [false, false, true])
            // The server's refusal to talk about a token is no failure of the client's.
            #expect(try rig.report("sales").state == .fresh)
        }
    }

    @Test func `each warm slot has its own answer, and the worst speaks for the client`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", introspection(rig) + "scopes = [\"a\", \"b\"]"))
            _ = try await rig.ask("/v1/token/billing")
            let narrow = rig.begin("/v1/token/billing?scope=a")
            rig.advance(by: .seconds(1))
            rig.server.revoke(try await narrow.answer().token.accessToken)
            let pending = rig.begin("/v1/clients/billing?verify=true", on: .admin)
            let client = try await pending.answer().document(ClientDocument.self).client
            #expect(client.slots.map(\.scope) == ["a b", "a"])
            #expect(client.slots.map { $0.verification?.active } == [true, false])
            #expect(client.verification?.accessToken.active == false)
            #expect(client.verification?.accessToken.remedy?.contains("tokenctl reject billing") == true)
        }
    }

    @Test func `token requests go first, and a deaf server holds the operator up for half a minute at most`()
        async throws
    {
        try await withBroker { rig in
            let budget = "[servers.\"http://127.0.0.1:\(rig.server.port)\"]\nconcurrent = 3\n"
            let names = (0..<6).map { "c\($0)" }
            for name in names { try rig.files.write("hunter2", to: "\(name).secret") }
            try rig.start(budget + names.map { rig.client($0, introspection(rig)) }.joined() + rig.client("billing"))
            for name in names {
                let asked = rig.begin("/v1/token/\(name)")
                _ = try await rig.answering(asked)
            }
            rig.server.setBehaviour(.held, at: .introspection)
            rig.advance(by: .seconds(1))
            let pending = rig.begin("/v1/status?verify=true", on: .admin)
            try await rig.server.counters { $0.held == 2 }
            // Two at a time, so that a place is left.
            #expect(try rig.status.servers.first.map { $0.inFlight } == 2)
            let asked = rig.begin("/v1/token/billing")
            rig.advance(by: .seconds(1))
            #expect(try await asked.answer().status == 200)
            // One operator's questions at a time.
            let second = try await rig.ask("/v1/clients/c1?verify=true", on: .admin)
            #expect(second.status == 429)
            rig.advance(by: TokenVerifier.patience)
            let status = try await pending.answer().document(StatusDocument.self)
            let found = status.clients.filter { $0.client != "billing" }.compactMap(\.verification?.accessToken.error)
            #expect(found == names.map { _ in TokenVerification.notChecked })
            #expect(rig.broker.budgets.reports().allSatisfy { $0.inFlight == 0 && $0.waiting == 0 })
            rig.server.release()
            rig.server.clearBehaviours()
            #expect(try await rig.ask("/v1/clients/c1?verify=true", on: .admin).status == 200)
        }
    }

    @Test func `a server whose metadata do not come holds the operator up no longer`() async throws {
        try await withBroker { rig in
            let issuer = try EndpointURL(rig.server.issuer)
            try rig.start(rig.client("billing", "request_timeout = \"5m\"")) { $0.endpoint = .issuer(issuer) }
            _ = try await rig.ask("/v1/token/billing")
            rig.advance(by: .seconds(1_000))
            _ = try await rig.refreshed()
            // Beyond the metadata's age, and before the next refresh.
            rig.advance(by: .seconds(2_650))
            rig.server.setBehaviour(.held, at: .metadata)
            let pending = rig.begin("/v1/clients/billing?verify=true", on: .admin)
            try await rig.server.counters { $0.held == 1 }
            rig.advance(by: TokenVerifier.patience)
            let client = try await pending.answer().document(ClientDocument.self).client
            #expect(client.verification?.accessToken.error == TokenVerification.notChecked)
            rig.server.release()
        }
    }

    @Test func `a server that wants to be left alone is not asked`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", introspection(rig)))
            _ = try await rig.ask("/v1/token/billing")
            rig.server.setBehaviour(
                .answer(status: 429, body: "", headers: ["Retry-After": "60"]),
                at: .introspection,
                times: 1
            )
            let first = try await verified(rig).verification?.accessToken
            #expect(first?.active == nil && first?.error != nil)
            #expect(try await verified(rig).verification?.accessToken.error == "server_paused")
            #expect(rig.server.requests(to: .introspection).count == 1)
        }
    }

    @Test func `it is recorded as a command of its own`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            _ = try await rig.ask("/v1/clients/billing?verify=true", on: .admin)
            _ = try await rig.ask("/v1/status?verify=true", on: .admin)
            let events = try await rig.begin("/v1/events", on: .admin).answer().document(EventsDocument.self).events
            #expect(events.filter { $0.command == "status verify" }.map(\.client) == ["billing", nil])
            #expect(try rig.answer("/v1/clients/nobody?verify=true", on: .admin).status == 404)
            #expect(try rig.answer("/v1/status?verify=yes", on: .admin).status == 400)
            #expect(try rig.answer("/v1/status?verify=true", on: .token).status == 404)
        }
    }
}

extension BrokerRig {
    /// The answer, with the clock moved as the server's budget wants it.
    func answering(_ pending: PendingAnswer) async throws -> Answer {
        try await takingTurns { broker.budgets.reports().allSatisfy { $0.waiting == 0 } }
        return try await pending.answer()
    }
}
