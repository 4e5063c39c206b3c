import Testing

import OAuth2

@Suite("Authorization server metadata") struct AuthorizationServerMetadataTests {
    private let issuer = "https://as.example.com"

    private func read(_ body: String) throws -> AuthorizationServerMetadata {
        try AuthorizationServerMetadata.read(body: Array(body.utf8), issuer: issuer)
    }

    @Test("is read with every endpoint it names")
    func whole() throws {
        let metadata = try read(
            """
            \u{FEFF}{"issuer":"https://as.example.com","token_endpoint":"https://as.example.com/token",
             "authorization_endpoint":"https://as.example.com/auth","device_authorization_endpoint":"https://d/dev",
             "revocation_endpoint":"https://r/revoke?x=1","introspection_endpoint":null,
             "jwks_uri":"https://k/jwks.json","scopes_supported":["a"],"mtls_endpoint_aliases":{"a":{}}}
            """
        )
        #expect(metadata.issuer == issuer)
        #expect(metadata.tokenEndpoint.text == "https://as.example.com/token")
        #expect(metadata.authorizationEndpoint?.path == "/auth")
        #expect(metadata.deviceAuthorizationEndpoint?.host == "d")
        #expect(metadata.revocationEndpoint?.query == "x=1")
        #expect(metadata.introspectionEndpoint == nil)
        #expect(metadata.jwksURI?.text == "https://k/jwks.json")
    }

    @Test(
        "is refused when it cannot be relied on",
        arguments: [
            ("", MetadataError.notMetadata), ("[]", .notMetadata), ("<html>", .notMetadata),
            ("{\"issuer\":", .notMetadata),
            (#"{"token_endpoint":"https://h/t"}"#, .missing(member: "issuer")),
            (#"{"issuer":7,"token_endpoint":"https://h/t"}"#, .missing(member: "issuer")),
            (#"{"issuer":"https://as.example.com"}"#, .missing(member: "token_endpoint")),
            (#"{"issuer":"https://as.example.com","token_endpoint":null}"#, .missing(member: "token_endpoint")),
            (#"{"issuer":"https://as.example.com","token_endpoint":7}"#, .notText(member: "token_endpoint")),
            (
                #"{"issuer":"https://as.example.com","token_endpoint":"http://h/t"}"#,
                .invalidEndpoint(member: "token_endpoint", .plainHTTP(host: "h"))
            ),
            (
                #"{"issuer":"https://as.example.com","token_endpoint":"https://h/t","jwks_uri":"/jwks"}"#,
                .invalidEndpoint(member: "jwks_uri", .missingScheme)
            ),
        ]
    )
    func refused(body: String, error: MetadataError) {
        #expect(throws: error) { try read(body) }
    }

    @Test(
        "must name the identical issuer (RFC 8414 §3.3)",
        arguments: [
            "https://as.example.com/", "https://AS.example.com", "https://as.example.com:443", "https://evil.example",
            "https://as.example.com ", "",
        ]
    )
    func identicalIssuer(found: String) {
        let shown = found.trimmingPrefix(while: { $0 == " " }).split(separator: " ").joined()
        #expect(throws: MetadataError.issuerDiffers(asked: issuer, found: shown)) {
            try read(#"{"issuer":"\#(found)","token_endpoint":"https://as.example.com/token"}"#)
        }
    }

    @Test("compares issuers by code point, not by how they look")
    func codePoints() {
        #expect(throws: MetadataError.self) {
            try AuthorizationServerMetadata.read(
                body: Array(#"{"issuer":"https://h/e\#u{301}","token_endpoint":"https://h/t"}"#.utf8),
                issuer: "https://h/\u{E9}"
            )
        }
    }

    @Test(
        "is looked for in RFC 8414's place and then in OpenID's",
        arguments: [
            ("https://h", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"),
            ("https://h/", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"),
            (
                "https://h/issuer1", "/.well-known/oauth-authorization-server/issuer1",
                "/issuer1/.well-known/openid-configuration"
            ),
            ("https://h/a/b/", "/.well-known/oauth-authorization-server/a/b", "/a/b/.well-known/openid-configuration"),
            ("https://h/a?x=1", "/.well-known/oauth-authorization-server/a", "/a/.well-known/openid-configuration"),
        ]
    )
    func wellKnown(issuer: String, oauth: String, openID: String) throws {
        let urls = AuthorizationServerMetadata.wellKnownURLs(issuer: try EndpointURL(issuer))
        #expect(urls == [try EndpointURL("https://h" + oauth), try EndpointURL("https://h" + openID)])
    }

    @Test("is looked for at the issuer's own port")
    func port() throws {
        let urls = AuthorizationServerMetadata.wellKnownURLs(issuer: try EndpointURL("http://[::1]:8080/r"))
        #expect(urls.map(\.origin) == ["http://[::1]:8080", "http://[::1]:8080"])
        #expect(urls[1].text == "http://[::1]:8080/r/.well-known/openid-configuration")
    }
}
