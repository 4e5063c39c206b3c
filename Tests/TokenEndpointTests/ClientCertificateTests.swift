import Foundation
import MockAuthorizationServer
import NIOSSL
import OAuth2
import TestNetwork
import Testing
import TokenEndpoint

@Suite("A client's certificate")
struct ClientCertificateTests {
    private static func read(_ path: String) throws -> Secret {
        Secret(try String(contentsOfFile: path, encoding: .utf8))
    }

    private static func certificate(_ files: TLSFiles, at place: String? = nil) throws -> ClientCertificate {
        ClientCertificate(
            chain: try read(files.certificateChain),
            from: place ?? files.certificateChain,
            key: try read(files.privateKey),
            from: place ?? files.privateKey
        )
    }

    private static func serial(_ files: TLSFiles) throws -> [UInt8]? {
        try NIOSSLCertificate.fromPEMFile(files.certificateChain).first?.serialNumber
    }

    @Test("is shown on connections of its own, and none on those of others", arguments: [TLSVersion.tlsv12, .tlsv13])
    func pools(version: TLSVersion) async throws {
        try await withCertificateServer(version: version, isNeeded: false) { wire, server, authority in
            let trust = ServerTrust(caFile: authority.certificate)
            let (ann, bob) = (try await authority.files(for: "DNS:ann"), try await authority.files(for: "DNS:bob"))
            let order: [TLSFiles?] = [ann, nil, bob, ann, nil, bob]
            for files in order {
                let certificate = try files.map { try Self.certificate($0) }
                _ = try await wire.send(to: server.endpoint, trust: trust, certificate: certificate).get()
            }
            _ = try await wire.refresh(
                "rt",
                at: server.endpoint,
                trust: trust,
                certificate: try Self.certificate(ann)
            ).get()
            let seen = server.seen
            #expect(try seen.map(\.certificate) == (order + [ann]).map { try $0.flatMap(Self.serial) })
            #expect(seen.map(\.connection) == [1, 2, 3, 1, 2, 3, 4])
        }
    }

    @Test("that is replaced counts from the next request on; a request under way ends with the old one")
    func replaced() async throws {
        try await withCertificateServer { wire, server, authority in
            let trust = ServerTrust(caFile: authority.certificate)
            let (old, new) = (try await authority.files(for: "DNS:a"), try await authority.files(for: "DNS:a"))
            let endpoint = server.endpoint
            _ = try await wire.send(to: endpoint, trust: trust, certificate: Self.certificate(old, at: "here")).get()
            server.hold()
            let first = try Self.certificate(old, at: "here")
            async let held = wire.send(to: endpoint, trust: trust, certificate: first)
            await server.requests(2)
            async let next = wire.send(to: endpoint, trust: trust, certificate: try Self.certificate(new, at: "here"))
            await server.requests(3)
            server.release()
            _ = try await held.get()
            _ = try await next.get()
            _ = try await wire.send(to: endpoint, trust: trust, certificate: Self.certificate(new, at: "here")).get()
            let seen = server.seen
            let serials = [try Self.serial(old), try Self.serial(new)]
            #expect(seen.map(\.certificate) == [serials[0], serials[0], serials[1], serials[1]])
            #expect(seen.map(\.connection) == [1, 1, 2, 2])
        }
    }

    /// What is wrong with what the client shows.
    enum Flaw: String, CaseIterable {
        case none, foreign, expired
    }

    @Test(
        "that the server refuses is the client's configuration, and shows that nothing was processed",
        arguments: [TLSVersion.tlsv12, .tlsv13],
        Flaw.allCases
    )
    func refused(version: TLSVersion, flaw: Flaw) async throws {
        try await withCertificateServer(version: version) { wire, server, authority in
            let trust = ServerTrust(caFile: authority.certificate)
            let stranger = try await TestAuthority()
            defer { stranger.remove() }
            let certificate: ClientCertificate? =
                switch flaw {
                case .none: nil
                case .foreign: try Self.certificate(try await stranger.files(for: "DNS:a"))
                case .expired: try Self.certificate(try await authority.expiredFiles(for: "DNS:a"))
                }
            let pooled = try await wire.failure(to: server.endpoint, trust: trust, certificate: certificate)
            let fresh = try await wire.refresh("rt", at: server.endpoint, trust: trust, certificate: certificate)
            guard case .failure(let single) = fresh else { throw Unexpected() }
            #expect(server.seen.isEmpty)
            for failure in [try #require(pooled), single] {
                let words = failure.serverWords ?? ""
                if flaw == .none, version == .tlsv12 {
                    // Older servers say of it what they say of ciphers.
                    #expect(failure.transport == .tlsFailed, "\(words)")
                    continue
                }
                #expect(failure.transport == .clientCertificateRefused, "\(words)")
                #expect(failure.failureClass == .configuration)
                #expect(failure.error == "client_certificate_refused")
                switch flaw {
                case .none: #expect(words == "the server's alert is certificate required")
                case .foreign: #expect(words.hasPrefix("the server's alert is unknown ca"))
                case .expired: #expect(words.contains("certificate expired; the client's certificate expired at 20"))
                }
            }
        }
    }

    private struct Unexpected: Error {}

    @Test("that cannot be used is named with its place, and no connection is made")
    func unusable() async throws {
        try await withCertificateServer { wire, server, authority in
            let trust = ServerTrust(caFile: authority.certificate)
            let (ann, bob) = (try await authority.files(for: "DNS:ann"), try await authority.files(for: "DNS:bob"))
            let (chain, key) = (try Self.read(ann.certificateChain), try Self.read(ann.privateKey))
            let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
            let half = String(try String(contentsOfFile: ann.privateKey, encoding: .utf8).prefix(80))
            let modern = try Self.read(try await authority.encrypted(ann.privateKey, isTraditional: false))
            let older = try Self.read(try await authority.encrypted(ann.privateKey, isTraditional: true))
            let cases: [(Secret, Secret, String)] = [
                (Secret("garbage"), key, "CHAIN holds no PEM certificate, or a broken one"),
                (Secret(""), key, "CHAIN holds no PEM certificate, or a broken one"),
                (key, key, "CHAIN holds no PEM certificate, or a broken one"),
                (Secret(broken), key, "CHAIN holds no PEM certificate, or a broken one"),
                (chain, Secret("garbage"), "KEY holds no PEM private key, or a broken one"),
                (chain, Secret(""), "KEY holds no PEM private key, or a broken one"),
                (chain, Secret(bytes: [0, 255, 128, 10]), "KEY holds no PEM private key, or a broken one"),
                (chain, chain, "KEY holds no PEM private key, or a broken one"),
                (chain, Secret(half), "KEY holds no PEM private key, or a broken one"),
                (chain, modern, "the key in KEY is encrypted, and nobody is there to give its passphrase"),
                (chain, older, "the key in KEY is encrypted, and nobody is there to give its passphrase"),
                (
                    chain, try Self.read(bob.privateKey),
                    "the first certificate in CHAIN and the key in KEY do not belong together"
                ),
            ]
            for (chain, key, words) in cases {
                let certificate = ClientCertificate(chain: chain, from: "CHAIN", key: key, from: "KEY")
                let failure = try await wire.failure(to: server.endpoint, trust: trust, certificate: certificate)
                #expect(failure?.failureClass == .configuration)
                #expect(failure?.localFault == .clientCertificateUnusable)
                #expect(failure?.serverWords == words)
            }
            #expect(server.seen.isEmpty)
            // And then it is put right.
            let certificate = ClientCertificate(chain: chain, from: "CHAIN", key: key, from: "KEY")
            _ = try await wire.send(to: server.endpoint, trust: trust, certificate: certificate).get()
        }
    }

    @Test("goes to the endpoint that the metadata have for it, which were asked for without")
    func alias() async throws {
        try await withCertificateServer { wire, server, authority in
            let files = try await authority.files(for: "IP:127.0.0.1")
            try await withWire(
                { $0.tls = files },
                { _, issuer in
                    var behaviour = Behaviour()
                    behaviour.body = """
                        {"issuer": "\(issuer.issuer)", "token_endpoint": "\(issuer.tokenEndpoint)",
                         "mtls_endpoint_aliases": {"token_endpoint": "\(server.endpoint)"}}
                        """
                    issuer.setBehaviour(behaviour, at: .metadata)
                    let trust = ServerTrust(caFile: authority.certificate)
                    let metadata = try await wire.metadata(of: issuer.issuer, trust: trust)
                    #expect(metadata.endpoint(.token, hasCertificate: false)?.text == issuer.tokenEndpoint)
                    let url = try #require(metadata.endpoint(.token, hasCertificate: true))
                    let certificate = try Self.certificate(files)
                    _ = try await wire.send(to: url.text, trust: trust, certificate: certificate).get()
                    #expect(try server.seen.map(\.certificate) == [Self.serial(files)])
                    #expect(issuer.counters().tokenRequests == 0)
                }
            )
        }
    }
}
