import LocalAPI
import LocalServer
import Testing

/// What the parser and the router make of bytes: the request, or the status of the refusal.
private enum Verdict: Equatable {
    case request(APIRequest)
    case refused(Int)
    case nothing
}

private func verdict(_ bytes: [UInt8], role: SocketRole = .token) -> Verdict {
    var parser = RequestParser()
    parser.append(bytes)
    switch parser.next() {
    case .refused(let error): return .refused(error.status())
    case .needsMore, .needsBodyAfterContinue: return .nothing
    case .request(let request):
        let input = request.input
        do throws(APIError) {
            return .request(try APIRequest.parse(input, role: role))
        } catch {
            return .refused(error.status())
        }
    }
}

private func verdict(_ text: String, role: SocketRole = .token) -> Verdict { verdict(Array(text.utf8), role: role) }

@Suite("Bytes that are no text, and paths that mean another")
struct AbuseTests {
    /// NUL and line ends, an overlong slash, a surrogate, a lone continuation, a cut sequence, beyond Unicode.
    private static let illFormed = [
        "%00", "%0D%0A", "%7F", "%C0%AF", "%E0%80%AF", "%ED%A0%80", "%80", "%E2%82", "%F4%90%80%80", "%FF", "%", "%4g",
        "%u0041",
    ]

    private static let fields = ["scope", "audience", "resource", "min_ttl", "timeout"]

    @Test("in the path or a parameter are refused, escaped", arguments: illFormed)
    func escaped(bytes: String) {
        #expect(verdict("GET /v1/token/a\(bytes)b HTTP/1.1\r\n\r\n") == .refused(400))
        #expect(verdict("GET /v1/watch/\(bytes) HTTP/1.1\r\n\r\n") == .refused(400))
        #expect(verdict("GET /v1/clients/\(bytes) HTTP/1.1\r\n\r\n", role: .admin) == .refused(400))
        #expect(verdict("GET /v1/token/a?\(bytes)=1 HTTP/1.1\r\n\r\n") == .refused(400))
        for field in Self.fields {
            #expect(verdict("GET /v1/token/a?\(field)=1\(bytes) HTTP/1.1\r\n\r\n") == .refused(400), "\(field)")
        }
        for field in Self.fields + ["grant_type", "client_id", "client_secret"] {
            let form = "\(field == "client_id" ? "" : "client_id=a&")\(field)=\(bytes)"
            let head = "POST /oauth2/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            let request = head + "Content-Length: \(form.utf8.count)\r\n\r\n\(form)"
            #expect(verdict(request) == .refused(400), "\(field)")
        }
    }

    @Test("in the request line are refused as they are", arguments: [0x00, 0x01, 0x0A, 0x0D, 0x7F, 0x80, 0xC3, 0xFF])
    func raw(byte: Int) {
        for place in ["GET /v1/token/a", "GET /v1/token/a?scope=b", "GE", "GET / HTTP/1"] {
            let bytes = Array(place.utf8) + [UInt8(byte)] + Array(" HTTP/1.1\r\n\r\n".utf8)
            #expect(verdict(bytes) == .refused(400), "\(place)")
        }
    }

    @Test(
        "in a field's value end the connection when they are control characters, and else mean nothing",
        arguments: ["Accept", "Authorization", "Content-Type", "Host", "Connection", "X-Other"]
    )
    func values(field: String) {
        for byte: UInt8 in [0x00, 0x08, 0x0B, 0x1B, 0x7F] {
            let bytes = Array("GET /v1/token/a HTTP/1.1\r\n\(field): a".utf8) + [byte] + Array("b\r\n\r\n".utf8)
            #expect(verdict(bytes) == .refused(400))
        }
        for value: [UInt8] in [[0xFF, 0xFE], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF]] {
            let bytes = Array("GET /v1/token/a HTTP/1.1\r\n\(field): ".utf8) + value + Array("\r\n\r\n".utf8)
            #expect(verdict(bytes) == .request(.token(TokenQuery(client: "a"))))
        }
    }

    @Test(
        "of a form are refused with it",
        arguments: [
            ("Content-Type", "application/x-www-form-urlencoded\u{FEFF}"), ("Content-Type", "\u{FF41}pplication/x"),
            ("Authorization", "Basic YTpi\u{FEFF}"), ("Authorization", "B\u{E4}sic YTpi"),
            ("Authorization", "Basic gDpi"), ("Authorization", "Basic JTAwOmI="),
        ]
    )
    func tokenEndpoint(field: String, value: String) {
        let type = field == "Content-Type" ? "" : "Content-Type: application/x-www-form-urlencoded\r\n"
        let form = "grant_type=client_credentials&client_id=a"
        let request =
            "POST /oauth2/token HTTP/1.1\r\n\(type)\(field): \(value)\r\nContent-Length: \(form.utf8.count)\r\n\r\n\(form)"
        #expect(verdict(request) == .refused(400))
    }

    @Test("that only look alike are not taken for another's name")
    func lookAlikes() {
        for name in ["%EF%BB%BFa", "a%CC%81", "%E2%84%AA", "%EF%BC%A1"] {
            guard case .request(.token(let query)) = verdict("GET /v1/token/\(name) HTTP/1.1\r\n\r\n") else {
                Issue.record("\(name)")
                continue
            }
            // As it was written: the policy knows no such name.
            #expect(query.client.utf8.contains { $0 >= 0x80 })
        }
        #expect(verdict("GET /v1/token/a?%EF%BB%BFscope=b HTTP/1.1\r\n\r\n") == .refused(400))
    }

    @Test(
        "are no way to another path",
        arguments: [
            "//v1/token/a", "/v1//token/a", "/v1/token//a", "/v1/token/a/", "/./v1/token/a", "/v1/./token/a",
            "/v1/x/../token/a", "/v1/token/../status", "/v1/token/a/../../status", "/%2e%2e/v1/status", "/v1%2Ftoken/a",
            "/v1/token%2Fa", "/%76%31/token/a", "/V1/token/a", "/v1/Token/a", "/v1;x/token/a", "/v1/token;x/a",
            "/v1/status", "/v1/status/", "/v1/clients/a/refresh", "/healthz/", "/healthz%00", "/metrics", "/", "//",
            "/?/v1/token/a", "/v1", "/v1/token",
        ]
    )
    func paths(path: String) { #expect(verdict("GET \(path) HTTP/1.1\r\n\r\n") == .refused(404)) }

    @Test(
        "in a name are the name's own",
        arguments: [
            ("..", ".."), ("%2e%2e", ".."), (".", "."), ("a%2Fb", "a/b"), ("a%2F..%2Fb", "a/../b"), ("a;b", "a;b"),
            ("a#b", "a#b"), ("a%3Fb", "a?b"), ("a%252Fb", "a%2Fb"), ("a+b", "a+b"), ("a\\b", "a\\b"), ("", ""),
        ]
    )
    func names(written: String, client: String) {
        #expect(verdict("GET /v1/token/\(written) HTTP/1.1\r\n\r\n") == .request(.token(TokenQuery(client: client))))
    }

    @Test("are refused before they are a path", arguments: ["http://localhost/v1/token/a", "v1/token/a", "*", "a:80"])
    func targets(target: String) { #expect(verdict("GET \(target) HTTP/1.1\r\n\r\n") == .refused(400)) }
}
