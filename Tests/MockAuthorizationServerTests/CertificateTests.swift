import Foundation
import NIOSSL
import TestNetwork
import Testing

@testable import MockAuthorizationServer

@Suite("Clients' certificates")
struct CertificateTests {
    private static let form = "grant_type=client_credentials&client_id="

    /// Runs `body` with a server that asks for certificates as `asked` says.
    private func withTLS(
        _ authority: TestAuthority,
        _ asked: ClientCertificates,
        fingerprints: [String] = [],
        second: Bool = false,
        _ body: (MockAuthorizationServer) async throws -> Void
    ) async throws {
        var files = try await authority.files(for: "DNS:localhost,IP:127.0.0.1")
        files.clientCertificates = asked
        try await withServer {
            $0.tls = files
            $0.mutualTLSPort = second ? 0 : nil
            $0.clients = .registered([
                RegisteredClient(id: "named", certificate: .subject("CN=Test Server")),
                RegisteredClient(id: "misnamed", certificate: .subject("CN=Another")),
                RegisteredClient(id: "any", certificate: .anyOfAuthority),
                RegisteredClient(id: "self", certificate: .fingerprints(fingerprints)),
                RegisteredClient(id: "public"), RegisteredClient(id: "secret", secrets: ["secret"]),
            ])
        } _: {
            try await body($0)
        }
    }

    private func status(
        of client: String,
        at url: String,
        _ authority: TestAuthority,
        _ certificate: TLSFiles?
    ) async throws -> Int {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority.certificate))
        if let certificate {
            tls.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate.certificateChain).map {
                .certificate($0)
            }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: certificate.privateKey, format: .pem))
        }
        return try await Caller.post(CertificateTests.form + client, to: url, tls: tls).status
    }

    @Test("a certificate of the authority proves whom its subject names")
    func authority() async throws {
        try await withAuthority { authority in
            let certificate = try await authority.files(for: "DNS:client")
            let strange = try await TestAuthority()
            defer { strange.remove() }
            let other = try await strange.files(for: "DNS:client")
            try await withTLS(authority, ClientCertificates(authority: authority.certificate)) { server in
                for (client, expected) in [
                    ("named", 200), ("any", 200), ("misnamed", 401), ("secret", 401), ("public", 200),
                ] {
                    let status = try await status(of: client, at: server.tokenEndpoint, authority, certificate)
                    #expect(status == expected, "\(client)")
                }
                let seen = try #require(server.requests().first)
                #expect(seen.authentication == .tlsClientAuth)
                #expect(seen.certificate?.subject == "CN=Test Server")
                #expect(seen.certificate?.fingerprint.count == 64)
                #expect(try await status(of: "named", at: server.tokenEndpoint, authority, nil) == 401)
                await #expect(throws: (any Error).self) {
                    try await status(of: "named", at: server.tokenEndpoint, authority, other)
                }
            }
        }
    }

    @Test("a self-signed certificate proves who has registered it, and only that")
    func selfSigned() async throws {
        try await withAuthority { authority in
            let certificate = try await authority.files(for: "DNS:client")
            let newer = try await authority.files(for: "DNS:client")
            let leaf = try NIOSSLCertificate.fromPEMFile(certificate.certificateChain)[0]
            let fingerprint = try #require(SeenCertificate(leaf, isVerified: false)).fingerprint
            try await withTLS(authority, ClientCertificates(), fingerprints: [fingerprint.uppercased()]) {
                server async throws in
                #expect(try await status(of: "self", at: server.tokenEndpoint, authority, certificate) == 200)
                #expect(try await status(of: "self", at: server.tokenEndpoint, authority, newer) == 401)
                #expect(try await status(of: "named", at: server.tokenEndpoint, authority, certificate) == 401)
            }
        }
    }

    @Test("where certificates are required, none is no handshake")
    func required() async throws {
        try await withAuthority { authority in
            let certificate = try await authority.files(for: "DNS:client")
            try await withTLS(authority, ClientCertificates(areRequired: true)) { server async throws in
                await #expect(throws: (any Error).self) {
                    try await status(of: "public", at: server.tokenEndpoint, authority, nil)
                }
                #expect(server.requests().isEmpty)
                #expect(try await status(of: "public", at: server.tokenEndpoint, authority, certificate) == 200)
            }
        }
    }

    @Test("a listener for certificates has its own port, which the metadata names, and shares an outage")
    func aliases() async throws {
        try await withAuthority { authority in
            let certificate = try await authority.files(for: "DNS:client")
            let asked = ClientCertificates(areRequired: true, authority: authority.certificate)
            try await withTLS(authority, asked, second: true) { server in
                let alias = try #require(server.mutualTLSURL(.token))
                #expect(alias != server.tokenEndpoint)
                guard case .object(let metadata) = server.paths.metadata,
                    case .object(let aliases) = metadata["mtls_endpoint_aliases"]
                else {
                    Issue.record("no aliases")
                    return
                }
                #expect(aliases["token_endpoint"] == .string(alias))
                #expect(try await status(of: "named", at: alias, authority, certificate) == 200)
                #expect(try await status(of: "named", at: server.tokenEndpoint, authority, certificate) == 401)
                await server.stopListening()
                await #expect(throws: (any Error).self) {
                    try await status(of: "named", at: alias, authority, certificate)
                }
                try await server.startListening()
                #expect(try await status(of: "named", at: alias, authority, certificate) == 200)
            }
        }
    }
}
