import Diagnosis
import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

@testable import Broker

/// With what a diagnosis asks: the client's own means, in every way to prove who it is, and what is made up.
@Suite(.timeLimit(.minutes(5))) struct DiagnosisMeansTests {
    @Test func `each question of a client that signs has an assertion of its own`() async throws {
        try await withBroker { rig in
            try rig.files.write(TestKey.first.jwk, to: "billing.key")
            try rig.start(
                """
                [clients.billing]
                client_id = "billing-id"
                client_authentication = "private_key_jwt"
                private_key = { file = "billing.key" }
                token_endpoint = "\(rig.server.tokenEndpoint)"
                """
            )
            let report = try await rig.diagnosed()
            #expect(report.healthy)
            let requests = rig.server.requests()
            let assertions = requests.flatMap(\.parameters).filter { $0.name == "client_assertion" }
            #expect(requests.map(\.grant) == ["refresh_token", "client_credentials"])
            #expect(Set(assertions.map(\.verbatim.exposed)).count == 2)
            #expect(Set(requests.map(\.connection)).count == 2)
        }
    }

    @Test func `an issuer is asked where its endpoints are, and anew what it says now`() async throws {
        try await withBroker { rig in
            let issuer = try EndpointURL(rig.server.issuer)
            try rig.start(rig.client()) { $0.endpoint = .issuer(issuer) }
            _ = try await rig.attempted()
            let before = rig.server.requests(to: .metadata).count
            let report = try await rig.diagnosed()
            #expect(report.healthy && report.probes.map(\.name).contains("metadata"))
            #expect(rig.server.requests(to: .metadata).count > before)
        }
    }

    @Test func `a server that wants to be left alone is not asked for its metadata either`() async throws {
        try await withBroker { rig in
            let issuer = try EndpointURL(rig.server.issuer)
            try rig.start(rig.client()) { $0.endpoint = .issuer(issuer) }
            _ = try await rig.attempted()
            // What is cached is too old by then.
            rig.advance(by: .seconds(3_500))
            rig.server.setBehaviour(.answer(status: 429, body: "", headers: ["Retry-After": "1200"]))
            _ = try await rig.refresh()
            rig.advance(by: .seconds(200))
            let count = rig.server.counters().total.requests
            _ = try await rig.diagnosis()
            #expect(rig.server.counters().total.requests == count)
        }
    }

    @Test func `a secret that comes where none was sent is not told`() async throws {
        try await withBroker { rig in
            let (issuer, keys) = (try EndpointURL(rig.server.issuer), try EndpointURL(rig.server.url(.metadata)))
            try rig.start(rig.client()) {
                $0.endpoints[.issuer] = issuer
                $0.endpoints[.jwks] = keys
            }
            let words = "no realm \(BrokerRig.secret(of: "billing"))"
            let body = #"{"error":"no_such_realm","error_description":"\#(words)"}"#
            rig.server.setBehaviour(.answer(status: 404, body: body), at: .metadata)
            let answer = try await rig.diagnosis()
            let asked = try answer.document(DiagnosisReport.self).probes.map(\.name)
            #expect(asked.contains("metadata") && asked.contains("keys"))
            #expect(!answer.body.contains(BrokerRig.secret(of: "billing")))
        }
    }

    @Test func `what a provider bills is known by the name of any of its hosts`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            var client = try #require(rig.broker.directory.snapshot.clients["billing"]).configuration
            func isBilled(_ token: String) throws -> Bool {
                let servers = ProbedServers(client, tokenEndpoint: try EndpointURL(token), keys: nil)
                return ProbeSubject(client, at: servers, mayCost: false).isBilled
            }
            client.endpoint = .issuer(try EndpointURL("https://login.example.com"))
            #expect(try isBilled("https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token"))
            #expect(try isBilled("https://acme.eu.auth0.com/oauth/token"))
            #expect(try !isBilled("https://login.example.com/token"))
            client.endpoint = .issuer(try EndpointURL("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1"))
            #expect(try isBilled("https://login.example.com/oauth2/token"))
        }
    }

    @Test func `the authentication matrix names the way that is accepted`() async throws {
        try await withBroker(registered: ["billing-id": "right"]) { rig in
            let table = rig.client().replacing(
                #"{ file = "billing.secret" }"#,
                with: #"[{ file = "1.secret" }, { file = "2.secret" }]"#
            )
            try rig.files.write("old", to: "1.secret")
            try rig.files.write("older", to: "2.secret")
            try rig.start(table)
            _ = try await rig.attempted()
            let before = try rig.report()
            let report = try await rig.diagnosed()
            #expect(!report.healthy && report.failure?.error == "invalid_client")
            #expect(try rig.report() == before)
            #expect(rig.server.issuedTokens().isEmpty)
        }
    }

    @Test(arguments: [
        "6731de76-14a6-49ae-97bc-6eba6914391e", "1example23456789012345678901", "app",
        "407408718192.apps.googleusercontent.com",
    ])
    func `what is made up has the form of the client's own, and is nobody's`(clientID: String) {
        let made = (0..<100).map { _ in MadeUp(for: clientID).clientID }
        #expect(Set(made).count == 100 && !made.contains(clientID))
        for identifier in made {
            if clientID.contains("-") {
                #expect(identifier.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
            } else if clientID == "app" {
                #expect(identifier.hasPrefix("tokenbroker-probe-") && identifier.utf8.count > 48)
            } else if clientID.contains(".") {
                #expect(identifier.hasSuffix(".apps.googleusercontent.com"))
            } else {
                #expect(identifier.utf8.count == clientID.utf8.count)
            }
        }
        let secret = MadeUp(for: clientID).secret(like: Secret(String(repeating: "aB3", count: 16)))
        #expect(secret.count == 48 && MadeUp(for: clientID).secret(like: Secret("s")).count > 48)
    }
}
