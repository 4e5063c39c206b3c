import Foundation
import Testing

/// What the real server of the tests answers to requests that no daemon made, so that a failure with one is the daemon's.
@Suite("Requests to the real authorization server", .needsRealAuthorizationServer, .timeLimit(.minutes(5)))
struct RealAuthorizationServerRequestTests {
    /// RFC 7636, Appendix B.
    private let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    private let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    @Test(
        "a browser brings a code, the code tokens, and a revoked refresh token brings nothing",
        arguments: RealAuthorizationServer.Scheme.allCases
    )
    func browser(scheme: RealAuthorizationServer.Scheme) async throws {
        try await withServer(scheme) { server in
            let client = server.browserClient
            let url =
                server.authorizationEndpoint + "?response_type=code&client_id=\(client.id)&state=st"
                + "&redirect_uri=\(server.redirectURI)&scope=\(server.scope)"
                + "&code_challenge=\(challenge)&code_challenge_method=S256"
            let place = try await server.open(url, for: client.id)
            #expect(place.hasPrefix(server.redirectURI + "?"))
            let items = try #require(URLComponents(string: place)?.queryItems)
            #expect(items.first { $0.name == "state" }?.value == "st")
            let code = try #require(items.first { $0.name == "code" }?.value)
            let redeem = [
                "--user", "\(client.id):\(client.secret)", "-d", "grant_type=authorization_code", "-d", "code=\(code)",
                "-d", "redirect_uri=\(server.redirectURI)", "-d", "code_verifier=\(verifier)",
            ]
            let granted = try await ask(server.tokenEndpoint, of: server, redeem)
            #expect(granted["scope"] == server.scope)
            let token = try #require(granted["access_token"])
            let refreshToken = try #require(granted["refresh_token"])
            #expect(try await server.introspect(token, as: client).active)

            let revoke = ["--user", "\(client.id):\(client.secret)", "-d", "token=\(refreshToken)"]
            _ = try await ask(server.revocationEndpoint, of: server, revoke)
            #expect(try await server.introspect(refreshToken, as: client).active == false)
            // Nobody listens where the browser is sent.
            await #expect(throws: RigFailure.self) { try await server.follow(url, for: client.id) }
        }
    }

    @Test("a device waits for the person, and is told to slow down when it does not")
    func device() async throws {
        try await withServer(.http) { server in
            let (_, impatient) = try await beginDevice(server)
            #expect(try await ask(server.tokenEndpoint, of: server, impatient)["error"] == "authorization_pending")
            // On a busy machine an answer may take as long as the interval.
            var error: String?
            for _ in 0..<20 where error != "slow_down" {
                error = try await ask(server.tokenEndpoint, of: server, impatient)["error"]
            }
            #expect(error == "slow_down")
            let (userCode, question) = try await beginDevice(server)
            try await server.approve(userCode, for: server.deviceClientID)
            let granted = try await ask(server.tokenEndpoint, of: server, question)
            #expect(granted["access_token"] != nil, "\(granted)")
            #expect(granted["refresh_token"] != nil)
        }
    }

    /// What the person types, and what the device asks.
    private func beginDevice(_ server: RealAuthorizationServer) async throws -> (userCode: String, question: [String]) {
        let codes = try await ask(
            server.deviceAuthorizationEndpoint,
            of: server,
            ["-d", "client_id=\(server.deviceClientID)", "-d", "scope=\(server.scope)"]
        )
        let question = [
            "-d", "client_id=\(server.deviceClientID)", "-d", "device_code=\(try #require(codes["device_code"]))",
            "-d", "grant_type=urn:ietf:params:oauth:grant-type:device_code",
        ]
        return (try #require(codes["user_code"]), question)
    }

    @Test("a certificate proves who has it, and a token is for the resource that was asked for")
    func certificateAndResource() async throws {
        try await withServer(.https) { server in
            let client = server.certifiedClient
            let form = [
                "-d", "grant_type=client_credentials", "-d", "client_id=\(client.id)", "-d", "scope=\(server.scope)",
                "-d", "resource=\(server.resource)",
            ]
            #expect(try await ask(server.tokenEndpoint, of: server, form)["access_token"] == nil)
            let granted = try await ask(
                server.tokenEndpoint,
                of: server,
                form + ["--cert", client.certificateFile, "--key", client.keyFile]
            )
            let token = try #require(granted["access_token"])
            #expect(try RealAuthorizationServer.claims(of: token)["aud"] as? String == server.resource)
        }
    }

    private func withServer(
        _ scheme: RealAuthorizationServer.Scheme,
        _ body: (RealAuthorizationServer) async throws -> Void
    ) async throws {
        let server = try await RealAuthorizationServer.start(scheme: scheme)
        try await body(server)
        try await server.stop()
    }

    /// Posts with curl; gives back those members of the answer that are texts.
    private func ask(
        _ url: String,
        of server: RealAuthorizationServer,
        _ arguments: [String]
    ) async throws -> [String: String] {
        let ended = try await Command.run(
            "curl",
            ["-sS", "--noproxy", "*", "--max-time", "20", "--cacert", server.caFile, "-X", "POST", url] + arguments
        )
        try #require(ended.status == 0, "\(ended.errors)")
        let document = try? JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any]
        return (document ?? [:]).compactMapValues { $0 as? String }
    }
}
