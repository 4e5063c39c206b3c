import NIOHTTP1
import Testing

@testable import MockAuthorizationServer

@Suite("Grants")
struct GrantTests {
    static let registered = Clients.registered([
        RegisteredClient(id: "billing", secrets: ["old", "s+e %&c"], scopes: ["read", "write"]),
        RegisteredClient(id: "public"),
        RegisteredClient(id: "refresher", secrets: ["secret"], grants: ["refresh_token"]),
    ])

    @Test("any client is given a token when none is registered")
    func anyClient() async throws {
        try await withServer { server in
            let answer = try await Caller.post("grant_type=client_credentials&scope=a+b", to: server.tokenEndpoint)
            #expect(answer.status == 200)
            #expect(answer["token_type"] == "Bearer")
            #expect(answer["scope"] == "a b")
            #expect(answer.members["expires_in"] == 3600)
            #expect(answer.members["refresh_token"] == nil)
            #expect(answer.headers.first(name: "Cache-Control") == "no-store")
            let token = try #require(answer["access_token"])
            #expect(server.isActive(token))
            #expect(server.issuedTokens().map(\.clientID) == ["billing"])
        }
    }

    @Test(
        "a client proves itself with a header, the body, or not at all",
        arguments: [
            (AcceptedBasicEncoding.form, "billing:s%2Be+%25%26c" as String?, "", 200),
            (.form, "billing:s+e %&c", "", 401),
            (.raw, "billing:s+e %&c", "", 200),
            (.raw, "billing:s%2Be+%25%26c", "", 401),
            (.either, "billing:s+e %&c", "", 200),
            (.either, "billing:s%2Be+%25%26c", "", 200),
            (.either, "billing:old", "", 200),
            (.either, "billing:new", "", 401),
            (.either, nil, "&client_id=billing&client_secret=s%2Be+%25%26c", 200),
            (.either, nil, "&client_id=billing&client_secret=wrong", 401),
            (.either, nil, "&client_id=billing", 401),
            (.either, nil, "&client_id=public", 200),
            (.either, nil, "&client_id=public&client_secret=any", 401),
            (.either, nil, "&client_id=unknown", 401),
            (.either, nil, "", 401),
        ]
    )
    func authentication(encoding: AcceptedBasicEncoding, basic: String?, form: String, status: Int) async throws {
        try await withServer {
            $0.clients = GrantTests.registered
            $0.basicEncoding = encoding
        } _: { server in
            let answer = try await Caller.post(
                "grant_type=client_credentials" + form,
                to: server.tokenEndpoint,
                basic: basic
            )
            #expect(answer.status == status)
            #expect(answer["error"] == (status == 401 ? "invalid_client" : nil))
            #expect((answer.headers.first(name: "WWW-Authenticate") != nil) == (status == 401 && basic != nil))
        }
    }

    @Test(
        "what is not right is refused in the words of RFC 6749",
        arguments: [
            ("billing:old", "", 400, "invalid_request"),
            ("billing:old", "grant_type=password", 400, "unsupported_grant_type"),
            ("billing:old", "grant_type=client_credentials&grant_type=client_credentials", 400, "invalid_request"),
            ("billing:old", "grant_type=client_credentials&scope=read+admin", 400, "invalid_scope"),
            ("billing:old", "grant_type=client_credentials&client_secret=old", 400, "invalid_request"),
            ("billing:old", "grant_type=client_credentials&client_id=other", 400, "invalid_request"),
            ("billing:old", "grant_type=client_credentials&scope=%zz", 400, "invalid_request"),
            ("billing:old", "grant_type=refresh_token", 400, "invalid_request"),
            ("billing:old", "grant_type=refresh_token&refresh_token=rt-0", 400, "invalid_grant"),
            ("refresher:secret", "grant_type=client_credentials", 400, "unauthorized_client"),
        ]
    )
    func refusals(basic: String, form: String, status: Int, error: String) async throws {
        try await withServer {
            $0.clients = GrantTests.registered
        } _: { server in
            let answer = try await Caller.post(form, to: server.tokenEndpoint, basic: basic)
            #expect(answer.status == status)
            #expect(answer["error"] == error)
            #expect(server.issuedTokens().isEmpty)
        }
    }

    @Test("without a scope a registered client is granted all of its own")
    func defaultScope() async throws {
        try await withServer {
            $0.clients = GrantTests.registered
        } _: { server in
            let answer = try await Caller.post(
                "grant_type=client_credentials",
                to: server.tokenEndpoint,
                basic: "billing:old"
            )
            #expect(answer["scope"] == "read write")
        }
    }

    @Test("the token endpoint takes only POST of a form")
    func method() async throws {
        try await withServer { server in
            let get = try await Caller.send(.GET, server.tokenEndpoint)
            #expect(get.status == 405)
            #expect(get.headers.first(name: "Allow") == "POST")
            let json = try await Caller.send(
                .POST,
                server.tokenEndpoint,
                body: "{}",
                headers: ["Content-Type": "application/json"]
            )
            #expect(json["error"] == "invalid_request")
        }
    }

    @Test("a token is active until it expires or is revoked")
    func introspection() async throws {
        let clock = ManualClock()
        try await withServer {
            $0.lifetime = .seconds(30)
            $0.now = { clock.now() }
        } _: { server in
            let form = "grant_type=client_credentials&audience=api"
            let first = try #require(try await Caller.post(form, to: server.tokenEndpoint)["access_token"])
            let second = try #require(try await Caller.post(form, to: server.tokenEndpoint)["access_token"])
            #expect(first != second)

            let active = try await Caller.post("token=\(first)", to: server.url(.introspection))
            #expect(active.members["active"] == true)
            #expect(active["client_id"] == "billing")
            #expect(active.members["aud"] == ["api"])
            #expect(active.members["exp"] == .integer(Int(clock.now().components.seconds) + 30))

            let stranger = try await Caller.post("token=\(first)", to: server.url(.revocation), basic: "other:x")
            #expect(stranger.status == 200)
            #expect(server.isActive(first))
            #expect(try await Caller.post("token=\(first)", to: server.url(.revocation)).status == 200)
            #expect(!server.isActive(first))
            #expect(try await Caller.post("token=unknown", to: server.url(.revocation)).status == 200)

            clock.advance(by: .seconds(29))
            #expect(server.isActive(second))
            clock.advance(by: .seconds(1))
            let expired = try await Caller.post("token=\(second)", to: server.url(.introspection))
            #expect(expired.members == ["active": false])
        }
    }

    @Test(
        "the metadata is where each specification puts it",
        arguments: [
            ("", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"),
            (
                "/tenant", "/.well-known/oauth-authorization-server/tenant",
                "/tenant/.well-known/openid-configuration"
            ),
        ]
    )
    func metadata(issuerPath: String, oauth: String, openID: String) async throws {
        try await withServer {
            $0.issuerPath = issuerPath
        } _: { server in
            for path in [oauth, openID] {
                let answer = try await Caller.send(.GET, "http://127.0.0.1:\(server.port)" + path)
                #expect(answer["issuer"] == "http://127.0.0.1:\(server.port)" + issuerPath)
                #expect(answer["token_endpoint"] == server.tokenEndpoint)
            }
            #expect(try await Caller.send(.GET, server.issuer + "/nowhere").status == 404)
        }
    }
}
