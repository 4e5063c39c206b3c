import LocalAPI
import OAuth2
import Testing

@Suite("A request at the token endpoint") struct TokenEndpointRequestTests {
    private static let asked = TokenQuery(client: "billing", asTokenEndpoint: true)

    /// `billing:secret`, and others of their kind.
    private static let billing = "Basic YmlsbGluZzpzZWNyZXQ="

    @Test(
        "names the client in the form or as the Basic user, and both when they agree; secrets are ignored",
        arguments: [
            ("grant_type=client_credentials&client_id=billing", nil),
            ("client_id=%62illing&grant_type=client_credentials", nil),
            ("grant_type=client_credentials&client_id=billing&client_secret=whatever", nil),
            ("grant_type=client_credentials&client_id=billing&client_secret=", nil),
            ("grant_type=client_credentials", billing),
            ("grant_type=client_credentials", "bAsIc YmlsbGluZzpzZWNyZXQ="),
            // "billing:" and "%62illing:a:b"
            ("grant_type=client_credentials", "Basic YmlsbGluZzo="),
            ("grant_type=client_credentials", "Basic JTYyaWxsaW5nOmE6Yg=="),
            ("grant_type=client_credentials&client_id=billing", billing),
            ("grant_type=client_credentials&client_id=billing&client_secret=other", billing),
        ] as [(String, String?)]
    )
    func client(body: String, authorization: String?) throws {
        #expect(try form(body, authorization: authorization) == .token(Self.asked))
    }

    @Test("asks for scope, audience, resources and time as a query does")
    func parameters() throws {
        var asked = Self.asked
        asked.scope = ScopeSet(["a", "b"])
        asked.audience = "x"
        asked.resource = ["urn:1", "urn:2"]
        asked.minTTL = .seconds(60)
        asked.timeout = .seconds(5)
        let body =
            "grant_type=client_credentials&client_id=billing&scope=b+a&audience=x&resource=urn:1&resource=urn:2"
            + "&min_ttl=1m&timeout=5"
        #expect(try form(body) == .token(asked))
    }

    @Test("is answered in JSON whatever it accepts")
    func format() throws {
        let input = APIRequest.Input(
            method: .post,
            target: "/oauth2/token",
            accept: "text/plain",
            contentType: "Application/X-WWW-Form-Urlencoded ; charset=UTF-8",
            body: Array("grant_type=client_credentials&client_id=billing".utf8)
        )
        #expect(try APIRequest.parse(input, role: .admin) == .token(Self.asked))
    }

    @Test(
        "for another grant is told that callers have one alone",
        arguments: [
            "authorization_code", "refresh_token", "password", "CLIENT_CREDENTIALS",
            "urn:ietf:params:oauth:grant-type:device_code",
        ]
    )
    func otherGrant(grant: String) throws {
        let error = try #require(refusal { try form("grant_type=\(grant)&client_id=billing") })
        #expect(error.code == .unsupportedGrantType && error.status(asTokenEndpoint: true) == 400)
        #expect(error.client == "billing" && error.remedy != nil)
    }

    @Test(
        "is refused where its parameters are",
        arguments: [
            ("", "no client is named"),
            ("client_id=billing", "grant_type is missing"),
            ("grant_type=client_credentials", "no client is named"),
            ("grant_type=&client_id=billing", "the parameter \"grant_type\" is empty"),
            ("grant_type=client_credentials&client_id=", "the parameter \"client_id\" is empty"),
            ("grant_type=client_credentials&client_id=a&client_id=a", "the parameter \"client_id\" stands twice"),
            (
                "grant_type=client_credentials&grant_type=client_credentials&client_id=a",
                "the parameter \"grant_type\" stands twice"
            ),
            ("grant_type=client_credentials&client_id=a&code=x", "there is no parameter \"code\""),
            ("grant_type=client_credentials&client_id=a&scope=", "the parameter \"scope\" is empty"),
            ("grant_type=client_credentials&client_id=a&timeout=61", "timeout is beyond 60 s"),
            ("grant_type=client_credentials&client_id=%", "the form has a malformed escape"),
        ]
    )
    func badForm(body: String, summary: String) throws {
        let error = try #require(refusal { try form(body) })
        #expect(error.code == .invalidRequest && error.status(asTokenEndpoint: true) == 400)
        #expect(error.summary == summary)
    }

    @Test(
        "is refused when the Basic user and client_id name different clients, however alike they look",
        arguments: [
            // "payroll:x", "billing=:x", "billing&a:x", "Billing:x"
            "Basic cGF5cm9sbDp4", "Basic YmlsbGluZz06eA==", "Basic YmlsbGluZyZhOng=", "Basic QmlsbGluZzp4",
        ]
    )
    func disagreement(authorization: String) throws {
        let body = "grant_type=client_credentials&client_id=billing"
        let error = try #require(refusal { try form(body, authorization: authorization) })
        #expect(error.code == .invalidRequest)
        #expect(error.summary == "the Basic user and client_id name different clients")
    }

    @Test(
        "is refused with an Authorization header that is no Basic credentials",
        arguments: [
            // The last four: "billing", ":secret", "%zz:secret", "%00a:secret".
            "Bearer YmlsbGluZzpzZWNyZXQ=", "Basic", "Basic ", "Basic ???", "", "BasicYmlsbGluZzo=",
            "Basic YmlsbGluZw==",
            "Basic OnNlY3JldA==", "Basic JXp6OnNlY3JldA==", "Basic JTAwYTpzZWNyZXQ=",
        ]
    )
    func badHeader(authorization: String) throws {
        let body = "grant_type=client_credentials&client_id=billing"
        let error = try #require(refusal { try form(body, authorization: authorization) })
        #expect(error.code == .invalidRequest)
        #expect(error.summary == "the Authorization header is no Basic credentials")
    }

    @Test(
        "is refused when its body is no form",
        arguments: [nil, "", "application/json", "text/plain", "multipart/form-data"]
    )
    func contentType(type: String?) throws {
        let body = "grant_type=client_credentials&client_id=billing"
        let error = try #require(refusal { try form(body, contentType: type) })
        #expect(error.code == .invalidRequest && error.status(asTokenEndpoint: true) == 400)
    }

    @Test("is refused with parameters in its path, where they would be logged")
    func query() throws {
        let error = try #require(refusal { try form("", target: "/oauth2/token?client_id=billing") })
        #expect(error.summary == "the token endpoint takes its parameters in the body")
    }
}
