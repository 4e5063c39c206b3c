import MockAuthorizationServer
import OAuth2
import Testing
import TokenEndpoint

@Suite("Discovery")
struct DiscoveryTests {
    private func failure(_ body: () async throws -> Void) async throws -> TokenEndpointFailure {
        try #require(await #expect(throws: TokenEndpointFailure.self) { try await body() })
    }

    @Test("the metadata of RFC 8414 is asked for first, the OpenID one when there is none", arguments: ["", "/tenant"])
    func bothForms(issuerPath: String) async throws {
        try await withWire(
            { $0.issuerPath = issuerPath },
            { wire, server in
                server.setBehaviour(.answer(status: 404, body: ""), at: .openIDConfiguration)
                let metadata = try await wire.metadata(of: server.issuer)
                #expect(metadata.tokenEndpoint.text == server.tokenEndpoint)
                #expect(metadata.introspectionEndpoint?.text == server.url(.introspection))
                #expect(server.counters().requests == [.metadata: 1])
            }
        )
        try await withWire(
            { $0.issuerPath = issuerPath },
            { wire, server in
                server.setBehaviour(.answer(status: 404, body: ""), at: .metadata)
                let metadata = try await wire.metadata(of: server.issuer)
                #expect(metadata.tokenEndpoint.text == server.tokenEndpoint)
                #expect(server.counters().requests == [.metadata: 1, .openIDConfiguration: 1])
            }
        )
    }

    @Test("a page at the first place does not hide the document at the second")
    func page() async throws {
        try await withWire { wire, server in
            server.setBehaviour(.answer(status: 200, body: "<html>", contentType: "text/html"), at: .metadata)
            let metadata = try await wire.metadata(of: server.issuer)
            #expect(metadata.issuer == server.issuer)
        }
    }

    @Test(
        "what is wrong with the metadata is named",
        arguments: [
            (
                Behaviour.answer(status: 200, body: #"{"issuer": "https://other.example", "token_endpoint": "x"}"#),
                FailureClass.configuration, "issuer_mismatch"
            ),
            (.answer(status: 200, body: "{}"), .configuration, "metadata_unusable"),
            (.answer(status: 404, body: ""), .endpointMisconfigured, "metadata_not_found"),
            (.answer(status: 503, body: ""), .transient, "metadata_unavailable"),
            (.fault(.dropBeforeAnswer), .transient, "reset_after_sending"),
        ]
    )
    func failures(behaviour: Behaviour, failureClass: FailureClass, error: String) async throws {
        try await withWire { wire, server in
            server.setBehaviour(behaviour, at: .metadata)
            server.setBehaviour(behaviour, at: .openIDConfiguration)
            let failure = try await failure { _ = try await wire.metadata(of: server.issuer) }
            #expect(failure.failureClass == failureClass)
            #expect(failure.error == error)

            server.clearBehaviours()
            #expect(try await wire.metadata(of: server.issuer).issuer == server.issuer, "a failure is not kept")
        }
    }

    @Test("a document is asked for once an hour, however many ask for it")
    func caching() async throws {
        try await withWire { wire, server in
            let issuer = server.issuer
            server.setBehaviour(.held, at: .metadata, times: 1)
            try await withThrowingTaskGroup(of: String.self) { askers in
                for _ in 1...20 { askers.addTask { try await wire.metadata(of: issuer).issuer } }
                try await server.counters { $0.held == 1 }
                server.release()
                for try await found in askers { #expect(found == issuer) }
            }
            #expect(server.counters().requests == [.metadata: 1])

            wire.clock.advance(by: .seconds(3_599))
            _ = try await wire.metadata(of: issuer)
            #expect(server.counters().requests == [.metadata: 1])
            wire.clock.advance(by: .seconds(1))
            _ = try await wire.metadata(of: issuer)
            #expect(server.counters().requests == [.metadata: 2])
        }
    }

    @Test("in an outage the last document counts for a day")
    func outage() async throws {
        try await withWire { wire, server in
            _ = try await wire.metadata(of: server.issuer)
            await server.stopListening()
            wire.clock.advance(by: .seconds(86_399))
            #expect(try await wire.metadata(of: server.issuer).issuer == server.issuer)
            wire.clock.advance(by: .seconds(1))
            let failure = try await failure { _ = try await wire.metadata(of: server.issuer) }
            #expect(failure.transport == .connectionRefused)
        }
    }

    @Test("a document that is gone no longer counts")
    func gone() async throws {
        try await withWire { wire, server in
            _ = try await wire.metadata(of: server.issuer)
            wire.clock.advance(by: .seconds(3_600))
            for place in [Endpoint.metadata, .openIDConfiguration] {
                server.setBehaviour(.answer(status: 404, body: ""), at: place)
            }
            let failure = try await failure { _ = try await wire.metadata(of: server.issuer) }
            #expect(failure.error == "metadata_not_found")
        }
    }
}
