import Foundation
import NIOHTTP1
import Testing

@testable import MockAuthorizationServer

@Suite("Logins in a browser")
struct LoginTests {
    static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    /// RFC 7636, Appendix B.
    static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    static let redirect = "http://127.0.0.1:49152/callback"

    static let clients = Clients.registered([
        RegisteredClient(
            id: "billing",
            secrets: ["secret"],
            scopes: ["openid", "read", "write", "offline_access"],
            grants: GrantType.all,
            redirectURIs: ["http://127.0.0.1/callback", "https://billing.example.com/back"]
        ),
        RegisteredClient(id: "other", secrets: ["secret"], grants: GrantType.all),
        RegisteredClient(id: "machine", secrets: ["secret"]),
    ])

    /// Where a browser is sent, with what in the query; the parameters given replace those of a good request.
    private func visit(_ server: MockAuthorizationServer, _ changes: [String: String] = [:]) async throws -> Visit {
        var parameters = [
            "response_type": "code", "client_id": "billing", "redirect_uri": LoginTests.redirect, "state": "s t&te",
            "scope": "openid read", "code_challenge": LoginTests.challenge, "code_challenge_method": "S256",
        ]
        parameters.merge(changes) { _, changed in changed }
        let query = parameters.sorted { $0.key < $1.key }.map { "\($0)=\(Form.encode($1))" }.joined(separator: "&")
        return try await Visit(Caller.send(.GET, server.url(.authorization) + "?" + query))
    }

    private struct Visit {
        let answer: Answer
        let location: String
        let form: Form

        init(_ answer: Answer) {
            self.answer = answer
            location = answer.headers.first(name: "Location") ?? ""
            let query = location.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
            form = Form(query.utf8) ?? Form()
        }
    }

    private func redeem(
        _ code: String,
        at server: MockAuthorizationServer,
        redirect: String = LoginTests.redirect,
        verifier: String = LoginTests.verifier,
        basic: String = "billing:secret"
    ) async throws -> Answer {
        try await Caller.post(
            "grant_type=authorization_code&code=\(code)&redirect_uri=\(Form.encode(redirect))&code_verifier=\(verifier)",
            to: server.tokenEndpoint,
            basic: basic
        )
    }

    @Test("a browser comes back with a code, the state and the issuer, and the code brings the tokens of the person")
    func codeGrant() async throws {
        try await withServer {
            $0.clients = LoginTests.clients
        } _: { server in
            let visit = try await visit(server, ["resource": "https://api.example.com/"])
            #expect(visit.answer.status == 302)
            #expect(visit.location.hasPrefix(LoginTests.redirect + "?"))
            #expect(visit.form["state"] == "s t&te")
            #expect(visit.form["iss"] == server.issuer)
            let answer = try await redeem(try #require(visit.form["code"]), at: server)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer["scope"] == "openid read")
            let idToken = try #require(answer["id_token"])
            let payload = try #require(Base64URL.decode(idToken.split(separator: ".")[1]))
            guard case .object(let claims) = JSONText.decode(payload) else {
                Issue.record("the ID token's payload is no object")
                return
            }
            #expect(claims["sub"] == "ann")
            #expect(claims["aud"] == "billing")
            #expect(claims["iss"] == .string(server.issuer))

            for member in ["access_token", "refresh_token"] {
                let active = try await Caller.post(
                    "token=\(try #require(answer[member]))",
                    to: server.url(.introspection)
                )
                #expect(active.members["active"] == true, "\(member)")
                #expect(active["sub"] == "ann", "\(member)")
            }
            let refreshed = try await Caller.post(
                "grant_type=refresh_token&refresh_token=\(try #require(answer["refresh_token"]))",
                to: server.tokenEndpoint
            )
            #expect(refreshed["scope"] == "openid read")
            #expect(server.issuedTokens().map(\.audience) == [["https://api.example.com/"], []])
            #expect(server.issuedTokens().map(\.subject) == ["ann", "ann"])
        }
    }

    @Test("a code that comes back is refused, and what came from it is revoked")
    func reuse() async throws {
        try await withServer {
            $0.clients = LoginTests.clients
        } _: { server in
            let code = try #require(try await visit(server).form["code"])
            let first = try await redeem(code, at: server)
            let token = try #require(first["access_token"])
            #expect(server.isActive(token))
            #expect(try await redeem(code, at: server)["error"] == "invalid_grant")
            #expect(!server.isActive(token))
            let refresh = "grant_type=refresh_token&refresh_token=\(try #require(first["refresh_token"]))"
            #expect(try await Caller.post(refresh, to: server.tokenEndpoint)["error"] == "invalid_grant")
        }
    }

    @Test("a code is bound to its client, its redirect, its challenge and its time")
    func bindings() async throws {
        let clock = ManualClock()
        try await withServer {
            $0.clients = LoginTests.clients
            $0.now = { clock.now() }
        } _: { server in
            func code() async throws -> String { try #require(try await visit(server).form["code"]) }
            let stranger = try await redeem(try await code(), at: server, basic: "other:secret")
            #expect(stranger["error_description"]?.contains("another client") == true)
            let elsewhere = try await redeem(try await code(), at: server, redirect: "http://127.0.0.1:1/callback")
            #expect(elsewhere["error_description"]?.contains("redirect_uri") == true)
            let guessed = try await redeem(try await code(), at: server, verifier: "guessed")
            #expect(guessed["error_description"]?.contains("code_verifier") == true)
            let late = try await code()
            clock.advance(by: .seconds(60))
            #expect(try await redeem(late, at: server)["error_description"]?.contains("expired") == true)
            #expect(server.issuedTokens().isEmpty)
        }
    }

    @Test(
        "what is not right goes back with the browser, in the words of RFC 6749",
        arguments: [
            (["response_type": "token"], "unsupported_response_type"),
            (["code_challenge": ""], "invalid_request"),
            (["code_challenge_method": "plain"], "invalid_request"),
            (["scope": "admin"], "invalid_scope"),
            (["client_id": "machine"], "unauthorized_client"),
        ]
    )
    func refusals(changes: [String: String], error: String) async throws {
        try await withServer {
            $0.clients = LoginTests.clients
        } _: { server in
            let visit = try await visit(server, changes)
            #expect(visit.answer.status == 302)
            #expect(visit.form["error"] == error)
            #expect(visit.form["state"] == "s t&te")
            #expect(visit.form["code"] == nil)
        }
    }

    @Test(
        "nobody is sent to where the client is not registered for",
        arguments: [
            ["redirect_uri": "http://127.0.0.1:1/elsewhere"], ["redirect_uri": "http://evil.example.com/callback"],
            ["redirect_uri": "https://billing.example.com:444/back"], ["redirect_uri": ""], ["client_id": "unknown"],
        ]
    )
    func openRedirects(changes: [String: String]) async throws {
        try await withServer {
            $0.clients = LoginTests.clients
        } _: { server in
            let visit = try await visit(server, changes)
            #expect(visit.answer.status == 400)
            #expect(visit.location == "")
        }
    }

    @Test("a login fails as it is told to", arguments: RedirectFault.allCases)
    func faults(fault: RedirectFault) async throws {
        try await withServer { server in
            var policy = LoginPolicy()
            policy.fault = fault
            server.setLogins(policy)
            let form = try await visit(server).form
            #expect((form["state"] == "s t&te") == ![.wrongState, .missingState].contains(fault))
            #expect((form["state"] == nil) == (fault == .missingState))
            #expect((form["iss"] == server.issuer) == ![.wrongIssuer, .missingIssuer].contains(fault))
            #expect((form["iss"] == nil) == (fault == .missingIssuer))
            #expect((form["code"] == nil) == (fault == .missingCode))
            if fault == .wrongCode {
                #expect(try await redeem(try #require(form["code"]), at: server)["error"] == "invalid_grant")
            }
        }
    }

    @Test("a person can decline, be another, and be given more or less, as the control interface says")
    func policies() async throws {
        try await withServer { server in
            func told(_ body: String) async throws {
                let answer = try await Caller.send(.PUT, server.controlURL + "/logins", body: body)
                #expect(answer.status == 204, "\(answer.text)")
            }
            func logIn(_ changes: [String: String] = [:]) async throws -> Answer {
                try await redeem(try #require(try await visit(server, changes).form["code"]), at: server)
            }
            try await told(#"{"declines": true}"#)
            #expect(try await visit(server).form["error"] == "access_denied")
            try await told(#"{"subject": "bob", "refresh_tokens": "never", "id_tokens": "never"}"#)
            let bare = try await logIn()
            #expect(bare["refresh_token"] == nil)
            #expect(bare["id_token"] == nil)
            #expect(server.issuedTokens().last?.subject == "bob")
            try await told(#"{"refresh_tokens": "offline", "id_tokens": "always"}"#)
            #expect(try await logIn()["refresh_token"] == nil)
            #expect(try await logIn(["access_type": "offline"])["refresh_token"] != nil)
            let offline = try await logIn(["scope": "offline_access"])
            #expect(offline["refresh_token"] != nil)
            #expect(offline["id_token"] != nil)
        }
    }
}
