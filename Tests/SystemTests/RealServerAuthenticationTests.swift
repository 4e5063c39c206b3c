import Foundation
import Testing

/// The real daemon proves who its clients are to a real authorization server, in every way that the server knows.
@Suite("Clients at a real authorization server", .needsRealAuthorizationServer, .timeLimit(.minutes(5)))
struct RealServerAuthenticationTests {
    @Test(
        "are known by secrets, assertions and certificates, each time anew",
        arguments: RealAuthorizationServer.Scheme.allCases
    )
    func methods(scheme: RealAuthorizationServer.Scheme) async throws {
        let server = try await RealAuthorizationServer.start(scheme: scheme)
        let room = try Room()
        var clients = [
            "basic": try secret("client_secret_basic", server.basicClient, in: room) + "basic_encoding = \"raw\"\n",
            "post": try secret("client_secret_post", server.postClient, in: room),
            "hmac": try secret("client_secret_jwt", server.jwtClient, in: room),
            "rsa": key(server.rsaClient),
            "curve": key(server.ecClient),
        ]
        if scheme == .https {
            clients["certificate"] = certificate(
                server.certifiedClient,
                server.certifiedClient.certificateFile,
                server.certifiedClient.keyFile
            )
        }
        // The rig asks with a secret in a header, and the server tells a client of its own tokens alone.
        let askers = ["basic": server.basicClient]
        try room.configure(clients.map { client($0.key, at: server, $0.value) }.joined())
        try await withDaemon(in: room) { _ in
            for name in clients.keys {
                // Twice, as an assertion is good for once.
                for _ in 1...2 {
                    let refreshed = try await SocketHTTP.post("/v1/clients/\(name)/refresh", on: room.adminSocket)
                    #expect(refreshed.status == 200, "\(name): \(refreshed.body)\n\(room.log)")
                }
                let fetched = try await SocketHTTP.get("/v1/token/\(name)", on: room.tokenSocket)
                let token = try #require(fetched.string("access_token"), "\(name): \(fetched.body)")
                #expect(try RealAuthorizationServer.claims(of: token)["scope"] as? String == server.scope, "\(name)")
                if let asker = askers[name] { #expect(try await server.introspect(token, as: asker).active) }
            }
        }
        try await server.stop()
    }

    @Test("that address an assertion to another are refused, and told to look at the audience")
    func audience() async throws {
        let server = try await RealAuthorizationServer.start(scheme: .http)
        let room = try Room()
        let lines = key(server.rsaClient) + "assertion_audience = \"https://elsewhere.example\"\n"
        try room.configure(client("rsa", at: server, lines))
        try await withDaemon(in: room) { _ in
            let refused = try await SocketHTTP.get("/v1/token/rsa", on: room.tokenSocket)
            #expect(refused.status == 502, "\(refused.body)")
            #expect(refused.string("remedy")?.contains("assertion_audience") == true, "\(refused.body)")
            #expect(try await Command.tokenctl("token", "rsa", in: room).status == 78)
        }
        try await server.stop()
    }

    @Test("show another certificate once its files are replaced, and say what is wrong in between")
    func replacedCertificate() async throws {
        let server = try await RealAuthorizationServer.start(scheme: .https)
        let room = try Room()
        let registered = server.certifiedClient
        let chain = try room.secret(
            "client.pem",
            try String(contentsOfFile: registered.certificateFile, encoding: .utf8)
        )
        let keyFile = try room.secret("client.key", try String(contentsOfFile: registered.keyFile, encoding: .utf8))
        try room.configure(client("certificate", at: server, certificate(registered, chain, keyFile)))
        try await withDaemon(in: room) { _ in
            #expect(try await Command.tokenctl("token", "certificate", in: room).status == 0, "\(room.log)")
            let good = try String(contentsOfFile: keyFile, encoding: .utf8)
            _ = try room.secret("client.key", try String(contentsOfFile: server.rsaClient.keyFile, encoding: .utf8))
            let refused = try await SocketHTTP.post("/v1/clients/certificate/refresh", on: room.adminSocket)
            #expect(refused.status == 502, "\(refused.body)")
            #expect(refused.string("error_description")?.contains("do not belong together") == true, "\(refused.body)")
            #expect(refused.string("remedy")?.isEmpty == false)
            _ = try room.secret("client.key", good)
            let again = try await SocketHTTP.post("/v1/clients/certificate/refresh", on: room.adminSocket)
            #expect(again.status == 200, "\(again.body)")
        }
        try await server.stop()
    }

    private func client(_ name: String, at server: RealAuthorizationServer, _ lines: String) -> String {
        """
        [clients.\(name)]
        token_endpoint = "\(server.tokenEndpoint)"
        scopes = ["\(server.scope)"]
        \(server.tokenEndpoint.hasPrefix("https") ? "ca_file = \"\(server.caFile)\"" : "")
        \(lines)

        """
    }

    private func secret(
        _ method: String,
        _ client: RealAuthorizationServer.Client,
        in room: Room
    ) throws -> String {
        """
        client_id = "\(client.id)"
        client_authentication = "\(method)"
        client_secret = { file = "\(try room.secret("\(client.id).secret", client.secret))" }

        """
    }

    private func key(_ client: RealAuthorizationServer.KeyClient) -> String {
        """
        client_id = "\(client.id)"
        client_authentication = "private_key_jwt"
        private_key = { file = "\(client.keyFile)" }

        """
    }

    private func certificate(
        _ client: RealAuthorizationServer.CertifiedClient,
        _ chain: String,
        _ key: String
    ) -> String {
        """
        client_id = "\(client.id)"
        client_authentication = "tls_client_auth"
        certificate = { file = "\(chain)" }
        private_key = { file = "\(key)" }

        """
    }
}
