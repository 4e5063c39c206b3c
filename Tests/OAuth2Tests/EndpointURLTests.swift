import Testing

import OAuth2

@Suite("An endpoint's URL") struct EndpointURLTests {
    @Test(
        "is taken apart and its origin brought to one form",
        arguments: [
            ("https://as.example.com/oauth2/token", "https://as.example.com", "as.example.com", 443, "/oauth2/token"),
            ("HTTPS://As.Example.COM:443/Token", "https://as.example.com", "as.example.com", 443, "/Token"),
            ("https://as.example.com:8443", "https://as.example.com:8443", "as.example.com", 8_443, ""),
            ("https://as_1.example/%7Ea/;b=(c)", "https://as_1.example", "as_1.example", 443, "/%7Ea/;b=(c)"),
            ("https://[2001:DB8:0:0:0:0:0:1]/t", "https://[2001:db8::1]", "2001:db8::1", 443, "/t"),
            ("https://[::ffff:192.0.2.1]:9/t", "https://[::ffff:c000:201]:9", "::ffff:c000:201", 9, "/t"),
            ("https://[1::2:0:0:3:0:0]/", "https://[1:0:2::3:0:0]", "1:0:2::3:0:0", 443, "/"),
            ("https://[::]/", "https://[::]", "::", 443, "/"),
            ("https://192.0.2.1/", "https://192.0.2.1", "192.0.2.1", 443, "/"),
            ("http://127.0.0.1:80/t", "http://127.0.0.1", "127.0.0.1", 80, "/t"),
            ("http://127.255.0.9:8080/", "http://127.255.0.9:8080", "127.255.0.9", 8_080, "/"),
            ("http://[::1]:8080/", "http://[::1]:8080", "::1", 8_080, "/"),
            ("http://LOCALHOST:65535/", "http://localhost:65535", "localhost", 65_535, "/"),
        ]
    )
    func parts(text: String, origin: String, host: String, port: Int, path: String) throws {
        let url = try EndpointURL(text)
        #expect(url.text == text && "\(url)" == text)
        #expect(url.origin == origin)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.path == path)
        #expect(url.query == nil)
    }

    @Test("keeps its own query (RFC 6749 §3.2)")
    func query() throws {
        #expect(try EndpointURL("https://h/t?p=b2c_1&q=/?").query == "p=b2c_1&q=/?")
        let bare = try EndpointURL("https://h?p=1")
        #expect(bare.path == "" && bare.query == "p=1" && bare.host == "h")
        #expect(try EndpointURL("https://h/?").query == "")
    }

    @Test(
        "knows this machine from others",
        arguments: [
            ("https://localhost/", true), ("https://127.0.0.1/", true), ("https://[0:0:0:0:0:0:0:1]/", true),
            ("https://128.0.0.1/", false), ("https://localhost.example/", false), ("https://a.localhost/", false),
            ("https://[::ffff:127.0.0.1]/", false), ("https://127.example/", false), ("https://[::2]/", false),
        ]
    )
    func loopback(text: String, expected: Bool) throws {
        #expect(try EndpointURL(text).isLoopback == expected)
    }

    @Test(
        "says what is wrong with it",
        arguments: [
            ("", EndpointURLError.empty), ("as.example.com/token", .missingScheme),
            ("as.example.com:443/token", .missingScheme),
            ("//as.example.com", .missingScheme), ("://h", .missingScheme), ("/t?u=https://h", .missingScheme),
            ("https:/h/t", .missingScheme), ("ftp://h/", .unsupportedScheme("ftp")),
            ("http://as.example.com/t", .plainHTTP(host: "as.example.com")),
            ("http://0.0.0.0/", .plainHTTP(host: "0.0.0.0")),
            ("http://128.0.0.1/", .plainHTTP(host: "128.0.0.1")), ("http://[::2]/", .plainHTTP(host: "::2")),
            ("https://user:pw@h/", .userInformation), ("https://h@evil/", .userInformation),
            ("https:///t", .missingHost),
            ("https://", .missingHost), ("https://:443/", .missingHost), ("https://h/t#f", .fragment),
            ("https://h#", .fragment),
            ("https://h:/", .malformedPort("")), ("https://h:0/", .malformedPort("0")),
            ("https://h:65536/", .malformedPort("65536")),
            ("https://h:080/", .malformedPort("080")), ("https://h:-1/", .malformedPort("-1")),
            ("https://h:1:2/", .malformedPort("1:2")),
            ("https://h:99999999999999999999/", .malformedPort("99999999999999999999")),
            ("https://a..b/", .malformedHost("a..b")), ("https://a.b./", .malformedHost("a.b.")),
            ("https://-a/", .malformedHost("-a")),
            ("https://a%41/", .malformedHost("a%41")), ("https://127.1/", .malformedHost("127.1")),
            ("https://0x7f000001/", .malformedHost("0x7f000001")),
            ("https://2130706433/", .malformedHost("2130706433")),
            ("https://1.2.3.256/", .malformedHost("1.2.3.256")), ("https://1.2.3.04/", .malformedHost("1.2.3.04")),
            ("https://1.2.3.4.5/", .malformedHost("1.2.3.4.5")),
            ("https://[::1/", .malformedHost("[::1/".replacing("/", with: ""))),
            ("https://[]/", .malformedHost("[]")), ("https://[:::]/", .malformedHost("[:::]")),
            ("https://[1:2]/", .malformedHost("[1:2]")),
            ("https://[1:2:3:4:5:6:7:8:9]/", .malformedHost("[1:2:3:4:5:6:7:8:9]")),
            ("https://[1::2::3]/", .malformedHost("[1::2::3]")), ("https://[12345::]/", .malformedHost("[12345::]")),
            ("https://[g::]/", .malformedHost("[g::]")), ("https://[+1::]/", .malformedHost("[+1::]")),
            ("https://[1:2:3:4:5:6:7::8]/", .malformedHost("[1:2:3:4:5:6:7::8]")),
            ("https://[1.2.3.4::]/", .malformedHost("[1.2.3.4::]")),
            ("https://[::1.2.3]/", .malformedHost("[::1.2.3]")),
            ("https://[::1]x/", .malformedHost("[::1]x")), ("https://h/a b", .forbiddenCharacter(" ")),
            ("https://h/\u{E9}", .forbiddenCharacter("\u{E9}")), ("https://h/\r\nX:1", .forbiddenCharacter("\r")),
            ("https://h/\"", .forbiddenCharacter("\"")), ("https://h\\@evil", .forbiddenCharacter("\\")),
            ("https://h/[a]", .forbiddenCharacter("[")), ("https://h/%", .malformedEscape),
            ("https://h/%4", .malformedEscape),
            ("https://h/%4g", .malformedEscape), ("https://h/" + String(repeating: "a", count: 2_048), .tooLong),
        ]
    )
    func refuses(text: String, error: EndpointURLError) {
        #expect(throws: error) { try EndpointURL(text) }
        #expect(!error.description.isEmpty && !error.description.contains { $0.isNewline })
    }

    @Test("bounds names and labels as DNS does")
    func nameLengths() throws {
        let label = String(repeating: "a", count: 63)
        #expect(try EndpointURL("https://\(label).example/").host == "\(label).example")
        #expect(throws: EndpointURLError.malformedHost("\(label)a.example")) {
            try EndpointURL("https://\(label)a.example/")
        }
        let long = Array(repeating: label, count: 4).joined(separator: ".")
        #expect(throws: EndpointURLError.malformedHost(long)) { try EndpointURL("https://\(long)/") }
    }
}
