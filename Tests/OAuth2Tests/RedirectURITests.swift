import OAuth2
import Testing

@Suite("A redirect URI") struct RedirectURITests {
    @Test(
        "of this machine takes a port in the place of any, and keeps the rest",
        arguments: [
            ("http://127.0.0.1:0/callback", "http://127.0.0.1:8123/callback"),
            ("http://127.0.0.1/callback?a=b", "http://127.0.0.1:8123/callback?a=b"),
            ("http://[::1]:0", "http://[::1]:8123"), ("HTTP://LocalHost:0/", "HTTP://LocalHost:8123/"),
            ("http://127.0.0.1:9000/x", "http://127.0.0.1:9000/x"),
            ("https://app.example/cb", "https://app.example/cb"),
            ("com.example.app:/oauth2", "com.example.app:/oauth2"),
            ("urn:ietf:wg:oauth:2.0:oob", "urn:ietf:wg:oauth:2.0:oob"),
        ]
    )
    func port(written: String, listening: String) throws {
        #expect(try RedirectURI(written).text(listeningOn: 8_123) == listening)
    }

    @Test(
        "that could lead a code astray is none",
        arguments: [
            ("", .malformed), ("callback", .malformed), ("http:", .malformed), ("http://a b", .malformed),
            ("http://127.0.0.1/#x", .fragment), ("http://as.example/cb", .notLoopback),
            ("http://127.0.0.1.example/cb", .notLoopback), ("http://localhost@evil.example/", .notLoopback),
            ("http://127.0.0.2/", .notLoopback), ("http://127.0.0.1:65536/", .port), ("http://127.0.0.1:/", .port),
            ("http://127.0.0.1:+1/", .port),
        ] as [(String, RedirectURI.Refusal)]
    )
    func refusal(text: String, refusal: RedirectURI.Refusal) {
        #expect(throws: refusal) { _ = try RedirectURI(text) }
    }

    @Test(
        "brings a query, as a URL or a path",
        arguments: [
            ("http://127.0.0.1:1/cb?code=c&state=s", "code=c&state=s"), ("/cb?a=b?c#d", "a=b?c"), ("/cb", nil),
            ("/cb#?a=b", nil),
        ] as [(String, String?)]
    )
    func query(redirect: String, query: String?) {
        #expect(RedirectURI.query(of: redirect).map(String.init) == query)
    }
}
