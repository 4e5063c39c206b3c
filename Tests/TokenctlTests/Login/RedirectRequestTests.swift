import LinuxHost
import Testing

@testable import tokenctl

@Suite("A request of the browser that comes back") struct RedirectRequestTests {
    private static func reader(path: String = "/back", port: UInt16 = 8400) -> RedirectRequestReader {
        RedirectRequestReader(path: path, authorities: RedirectAddress.authorities(port: port))
    }

    private static func outcome(_ text: String, path: String = "/back", port: UInt16 = 8400)
        -> RedirectRequestReader.Outcome
    {
        var reader = reader(path: path, port: port)
        return reader.append(Array(text.utf8))
    }

    /// What Firefox sends, shortened.
    private static let request =
        "GET /back?code=a%2Fb&state=c HTTP/1.1\r\nHost: 127.0.0.1:8400\r\nAccept: text/html\r\n"
        + "Accept-Language: en-GB,en;q=0.5\r\nConnection: keep-alive\r\nCookie: a=b; c=\r\nSec-Fetch-Mode: navigate\r\n\r\n"

    @Test("is the redirect when it is whole, however its bytes come, and not before")
    func prefixes() {
        let bytes = Array(Self.request.utf8)
        var single = Self.reader()
        for (index, byte) in bytes.enumerated() {
            let expected: RedirectRequestReader.Outcome =
                index == bytes.count - 1 ? .redirect("/back?code=a%2Fb&state=c") : .needsMore
            #expect(single.append([byte]) == expected, "\(index)")
        }
        for split in 0...bytes.count {
            var halves = Self.reader()
            let first = halves.append(Array(bytes[..<split]))
            let whole = RedirectRequestReader.Outcome.redirect("/back?code=a%2Fb&state=c")
            #expect(first == (split == bytes.count ? whole : .needsMore), "\(split)")
            if split < bytes.count { #expect(halves.append(Array(bytes[split...])) == whole, "\(split)") }
        }
    }

    @Test(
        "may name this machine in its usual ways",
        arguments: ["127.0.0.1:8400", "localhost:8400", "LOCALHOST:8400", "[::1]:8400", " 127.0.0.1:8400 "]
    )
    func host(host: String) {
        #expect(Self.outcome("GET /back HTTP/1.1\r\nHost: \(host)\r\n\r\n") == .redirect("/back"))
    }

    @Test("leaves the port out where it is the usual one alone")
    func usualPort() {
        #expect(Self.outcome("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path: "/", port: 80) == .redirect("/"))
        #expect(Self.outcome("GET / HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n", path: "/", port: 80) == .redirect("/"))
        #expect(Self.outcome("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path: "/") == .refused(.badRequest))
    }

    @Test(
        "is refused when it is anything else",
        arguments: [
            // Another name that leads here, or none, or two.
            ("GET /back?code=a HTTP/1.1\r\nHost: evil.example:8400\r\n", RedirectPage.badRequest),
            ("GET /back?code=a HTTP/1.1\r\nHost: 127.0.0.1.evil.example:8400\r\n", .badRequest),
            ("GET /back?code=a HTTP/1.1\r\nHost: 127.0.0.1:8401\r\n", .badRequest),
            ("GET /back?code=a HTTP/1.1\r\n", .badRequest),
            ("GET /back?code=a HTTP/1.1\r\nHost: 127.0.0.1:8400\r\nHost: evil.example\r\n", .badRequest),
            // Another path.
            ("GET /favicon.ico HTTP/1.1\r\nHost: 127.0.0.1:8400\r\n", .notFound),
            ("GET / HTTP/1.1\r\nHost: 127.0.0.1:8400\r\n", .notFound),
            ("GET /back/?code=a HTTP/1.1\r\nHost: 127.0.0.1:8400\r\n", .notFound),
            ("GET /BACK?code=a HTTP/1.1\r\nHost: 127.0.0.1:8400\r\n", .notFound),
            ("GET /?/back HTTP/1.1\r\nHost: 127.0.0.1:8400\r\n", .notFound),
            // Another method.
            ("POST /back?code=a HTTP/1.1\r\nHost: 127.0.0.1:8400\r\n", .methodNotAllowed),
            ("HEAD /back?code=a HTTP/1.1\r\nHost: 127.0.0.1:8400\r\n", .methodNotAllowed),
            ("OPTIONS /back HTTP/1.1\r\nHost: 127.0.0.1:8400\r\n", .methodNotAllowed),
            // A body.
            ("GET /back HTTP/1.1\r\nHost: 127.0.0.1:8400\r\nContent-Length: 1\r\n", .badRequest),
            ("GET /back HTTP/1.1\r\nHost: 127.0.0.1:8400\r\nTransfer-Encoding: chunked\r\n", .badRequest),
            // No HTTP/1.
            ("GET /back\r\nHost: 127.0.0.1:8400\r\n", .badRequest),
            ("GET  /back HTTP/1.1\r\nHost: 127.0.0.1:8400\r\n", .badRequest),
            ("GET /back HTTP/2.0\r\nHost: 127.0.0.1:8400\r\n", .badRequest),
            ("GET http://127.0.0.1:8400/back HTTP/1.1\r\nHost: 127.0.0.1:8400\r\n", .badRequest),
            ("GET /bäck HTTP/1.1\r\nHost: 127.0.0.1:8400\r\n", .badRequest),
            ("GET /back HTTP/1.1\r\nHost: 127.0.0.1:8400\r\nno field\r\n", .badRequest),
            ("GET /back HTTP/1.1\r\nHost : 127.0.0.1:8400\r\n", .badRequest),
            ("GET /back HTTP/1.1\r\nHost: 127.0.0.1:8400\r\n: b\r\n", .badRequest),
            ("GET /back HTTP/1.1\r\nHost: 127.0.0.1:8400\r\n folded: b\r\n", .badRequest),
            ("GET /back HTTP/1.1\r\nHost: 127.0.0.1:8400\r\nA: b\nC: d\r\n", .badRequest),
            ("GET /back HTTP/1.1\r\nHost: 127.0.0.1:8400\r\nA: b\u{0}\r\n", .badRequest),
            ("\r\nGET /back HTTP/1.1\r\nHost: 127.0.0.1:8400\r\n", .badRequest),
        ]
    )
    func refused(head: String, page: RedirectPage) {
        #expect(Self.outcome(head + "\r\n") == .refused(page))
    }

    @Test("that speaks TLS is refused at its first byte")
    func tls() {
        var reader = Self.reader()
        #expect(reader.append([0x16]) == .refused(.badRequest))
    }

    @Test("has 16 KiB for its head")
    func size() {
        let (before, after) = ("GET /back?", " HTTP/1.1\r\nHost: 127.0.0.1:8400\r\n\r\n")
        let query = String(repeating: "a", count: RedirectRequestReader.maximumHead - (before + after).utf8.count)
        #expect(Self.outcome(before + query + after) == .redirect("/back?\(query)"))
        var reader = Self.reader()
        #expect(reader.append(Array((before + query + "aaaa" + after).utf8.prefix(reader.room))) == .refused(.tooLarge))
        #expect(reader.room == 0)
    }
}

@Suite("The page that a browser is shown") struct RedirectPageTests {
    @Test("is whole, is kept nowhere, and brings nothing along", arguments: RedirectPage.allCases)
    func page(page: RedirectPage) throws {
        let text = String(decoding: page.bytes, as: UTF8.self)
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
        let (head, body) = (String(parts[0]), String(parts[1]))
        #expect(head.contains("\r\nContent-Length: \(body.utf8.count)\r\n"))
        #expect(head.contains("\r\nCache-Control: no-store\r\n") && head.contains("\r\nConnection: close"))
        #expect(head.contains("\r\nReferrer-Policy: no-referrer\r\n"))
        #expect(head.contains("\r\nContent-Security-Policy: default-src 'none';"))
        #expect(!body.contains("script") && !body.contains("src") && !body.contains("http:"))
        #expect(body.hasPrefix("<!DOCTYPE html>\n") && body.hasSuffix("</html>\n"))
    }

    @Test("has the status of what it says")
    func statuses() {
        let statuses = RedirectPage.allCases.map { String(decoding: $0.bytes[9..<12], as: UTF8.self) }
        #expect(statuses == ["200", "200", "400", "502", "400", "404", "405", "431"])
        #expect(String(decoding: RedirectPage.methodNotAllowed.bytes, as: UTF8.self).contains("\r\nAllow: GET\r\n"))
    }
}

@Suite("The address that a browser is sent back to") struct RedirectAddressTests {
    @Test(
        "is waited at on this machine",
        arguments: [
            ("http://127.0.0.1:0/back", "127.0.0.1", 0, "/back"),
            ("http://127.0.0.1:8400/", "127.0.0.1", 8400, "/"),
            ("http://127.0.0.1:8400", "127.0.0.1", 8400, "/"),
            ("HTTP://127.0.0.1:8400/a/b?c=d", "127.0.0.1", 8400, "/a/b"),
            ("http://localhost:8400?c", "127.0.0.1", 8400, "/"),
            ("http://LocalHost/x", "127.0.0.1", 80, "/x"),
            ("http://[::1]:65535/back", "::1", 65535, "/back"),
        ]
    )
    func own(uri: String, address: String, port: Int, path: String) throws {
        let redirect = try #require(RedirectAddress(uri))
        #expect(redirect.address.rawValue == address && redirect.port == port && redirect.path == path)
    }

    @Test(
        "is elsewhere, where nobody can wait",
        arguments: [
            "https://127.0.0.1:8400/back", "https://app.example/back", "http://app.example/back",
            "http://127.0.0.1.example/back", "http://localhost.example:8400/", "http://127.0.0.1:65536/",
            "http://127.0.0.1:/", "http://127.0.0.1:a/", "http://a@127.0.0.1:8400/", "http://127.0.0.2:8400/",
            "urn:ietf:wg:oauth:2.0:oob", "com.example.app:/back", "",
        ]
    )
    func elsewhere(uri: String) { #expect(RedirectAddress(uri) == nil) }
}
