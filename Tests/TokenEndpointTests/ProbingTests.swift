import Foundation
import MockAuthorizationServer
import OAuth2
import TestNetwork
import Testing
import TokenEndpoint

@Suite("What can be found out about a server")
struct ProbingTests {
    private func connection(
        _ wire: Wire,
        _ url: String,
        trust: ServerTrust = ServerTrust(),
        timeout: Duration = Wire.patience
    ) async throws -> ServerConnection {
        try await wire.client.connection(to: try EndpointURL(url), trust: trust, timeout: timeout)
    }

    @Test("a name has its addresses, and one that nobody has has none")
    func names() async throws {
        try await withWire { wire, server in
            let local = try EndpointURL("http://localhost:\(server.port)/")
            let found = try await wire.client.addresses(of: local, timeout: Wire.patience)
            #expect(found.contains("127.0.0.1") || found.contains("::1"))
            let address = try EndpointURL("https://127.0.0.1/")
            #expect(try await wire.client.addresses(of: address, timeout: Wire.patience) == ["127.0.0.1"])
        }
    }

    @Test("a server without encryption is connected to, and nothing is sent to it")
    func plain() async throws {
        try await withWire { wire, server in
            let connection = try await connection(wire, server.tokenEndpoint)
            #expect(connection.certificate == nil && connection.roundTrip > .zero)
            #expect(server.counters().total.requests == 0)
        }
    }

    @Test("an accepted certificate is told with its names and its end")
    func accepted() async throws {
        try await withAuthority { authority in
            let files = try await authority.files(for: "DNS:localhost,DNS:*.example.com,IP:127.0.0.1,IP:::1")
            try await withWire(
                { $0.tls = files },
                { wire, server in
                    for host in ["127.0.0.1", "localhost"] {
                        let connection = try await connection(
                            wire,
                            "https://\(host):\(server.port)/oauth2/token",
                            trust: ServerTrust(caFile: authority.certificate)
                        )
                        let certificate = try #require(connection.certificate)
                        #expect(certificate.refusal == nil)
                        #expect(certificate.names == ["localhost", "*.example.com", "127.0.0.1", "0:0:0:0:0:0:0:1"])
                        #expect(certificate.validUntil > .seconds(Int(Date.now.timeIntervalSince1970)))
                    }
                    #expect(server.counters().total.requests == 0)
                }
            )
        }
    }

    @Test("why a certificate is refused is told: its time, its name, who vouches for it")
    func refused() async throws {
        try await withAuthority { authority in
            let trust = ServerTrust(caFile: authority.certificate)
            func refusal(_ files: TLSFiles, _ trust: ServerTrust) async throws -> ServerCertificate {
                var refused: ServerCertificate?
                try await withWire(
                    { $0.tls = files },
                    { wire, server in
                        let url = "https://127.0.0.1:\(server.port)/oauth2/token"
                        refused = try await connection(wire, url, trust: trust).certificate
                        #expect(server.counters().total.requests == 0)
                    }
                )
                return try #require(refused)
            }
            let expired = try await refusal(try await authority.expiredFiles(for: "IP:127.0.0.1"), trust)
            #expect(expired.refusal == .expired && expired.names == ["127.0.0.1"])
            let foreign = try await refusal(try await authority.files(for: "DNS:auth.example.com"), trust)
            #expect(foreign.refusal == .forAnotherName && foreign.names == ["auth.example.com"])
            let untrusted = try await refusal(try await authority.files(for: "IP:127.0.0.1"), ServerTrust())
            guard case .untrusted(let words)? = untrusted.refusal else {
                Issue.record("\(String(describing: untrusted.refusal))")
                return
            }
            #expect(words.contains("no trusted authority"))
        }
    }

    @Test("a server that speaks no TLS, and one that is not there, are told apart")
    func notConnected() async throws {
        try await withWire { wire, server in
            let plain = await #expect(throws: TokenEndpointFailure.self) {
                try await connection(wire, "https://127.0.0.1:\(server.port)/")
            }
            #expect(plain?.transport == .tlsFailed)
            await server.stop()
            let gone = await #expect(throws: TokenEndpointFailure.self) {
                try await connection(wire, "https://127.0.0.1:\(server.port)/")
            }
            #expect(gone?.transport == .connectionRefused)
        }
    }

    @Test("a server that accepts and says nothing is given up in time")
    func deaf() async throws {
        try await withWire { wire, server in
            await server.stopListening()
            try await server.startListening(.ignoring)
            let failure = await #expect(throws: TokenEndpointFailure.self) {
                try await connection(wire, "https://127.0.0.1:\(server.port)/", timeout: .milliseconds(200))
            }
            #expect(failure?.transport == .connectTimeout)
        }
    }

    @Test("through a proxy the client's certificate is shown as its requests show it")
    func certificateThroughProxy() async throws {
        try await withAuthority { authority in
            let server = try await CertificateServer.start(
                try await authority.files(for: "DNS:auth.example.test"),
                trusting: authority.certificate
            )
            let own = try await authority.files(for: "DNS:ann")
            func read(_ path: String) throws -> Secret { Secret(try String(contentsOfFile: path, encoding: .utf8)) }
            let certificate = ClientCertificate(
                chain: try read(own.certificateChain),
                from: own.certificateChain,
                key: try read(own.privateKey),
                from: own.privateKey
            )
            try await withWire { wire, _ in
                let proxy = try await TestProxy.start(target: try EndpointURL(server.endpoint).port)
                let setting = try ProxySetting("http://127.0.0.1:\(proxy.port)")
                _ = try await wire.client.connection(
                    to: try EndpointURL("https://auth.example.test/oauth2/token"),
                    trust: ServerTrust(caFile: authority.certificate, proxy: setting),
                    certificate: certificate,
                    timeout: Wire.patience
                )
                #expect(server.seen.count == 1)
                await proxy.stop()
            }
            await server.stop()
        }
    }

    @Test("keys are counted, and a refusal has the server's words")
    func keys() async throws {
        try await withWire { wire, server in
            let url = try EndpointURL(server.url(.metadata))
            func count() async throws -> Int {
                try await wire.client.keyCount(
                    at: url,
                    provider: .cognito,
                    trust: ServerTrust(),
                    timeout: Wire.patience
                )
            }
            server.setBehaviour(.answer(status: 200, body: #"{"keys":[{"kid":"a"},{"kid":"b"}]}"#), at: .metadata)
            #expect(try await count() == 2)
            let words = "User pool eu-west-1_gone does not exist."
            server.setBehaviour(.answer(status: 400, body: #"{"message":"\#(words)"}"#), at: .metadata)
            let failure = await #expect(throws: TokenEndpointFailure.self) { try await count() }
            #expect(failure?.serverStatus == 400 && failure?.serverWords == words)
        }
    }

    @Test("metadata are asked for anew")
    func metadata() async throws {
        try await withWire { wire, server in
            let issuer = try EndpointURL(server.issuer)
            for _ in 0..<2 {
                _ = try await wire.client.currentMetadata(issuer: issuer, trust: ServerTrust(), timeout: Wire.patience)
            }
            #expect(server.requests(to: .metadata).count == 2)
        }
    }
}
