import OAuth2
import Testing

@testable import tokenctl

@Suite("Responses that were pasted") struct PastedResponsesTests {
    private func read(_ text: String) -> PastedResponses { PastedResponses(Array(text.utf8)) }

    /// Status, header fields and body of each, in one text.
    private func shown(_ text: String) -> [String] {
        read(text).responses.map { response in
            let head = response.headers.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
            return
                "\(response.status.map(String.init) ?? "-")|\(head)|\(String(decoding: response.body, as: UTF8.self))"
        }
    }

    static let rows: [(text: String, expected: [String])] = [
        // curl -i and curl -D-
        ("HTTP/1.1 400 Bad Request\r\nA: b\r\n\r\n{\"error\":\"x\"}", ["400|A=b|{\"error\":\"x\"}"]),
        ("HTTP/2 400 \ncontent-type: a/b\n\n{\"error\":\"x\"}\n", ["400|content-type=a/b|{\"error\":\"x\"}"]),
        ("HTTP/2 400\r\n\r\n", ["400||"]),
        ("HTTP/3 403 \r\na: b:c\r\n d\r\n\r\nNo.\n", ["403|a=b:c d|No.\n"]),
        ("HTTP/1.1 405\nallow: GET", ["405|allow=GET|"]),
        // Bodies alone
        ("{\"error\":\"x\"}", ["-||{\"error\":\"x\"}"]),
        ("  {\"a\":\"}\\\"{\"} \n{\"b\":[{}]}", ["-||{\"a\":\"}\\\"{\"}", "-||{\"b\":[{}]}"]),
        ("error=x&error_description=y\n", ["-||error=x&error_description=y"]),
        ("{\"error\":\"x\"}401\n", ["401||{\"error\":\"x\"}"]),
        ("{\"error\":\"x\"}\n999", ["-||{\"error\":\"x\"}"]),
        ("{\"error\":\"x\"", ["-||{\"error\":\"x\""]),
        // Several, the body of the first without a line's end
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 B\r\n\r\n{\"error\":\"a\"}HTTP/1.1 400 B\r\n\r\n{\"error\":\"b\"}",
            ["100||", "400||{\"error\":\"a\"}", "400||{\"error\":\"b\"}"]
        ),
        (
            "HTTP/1.1 400 B\r\n\r\n{\"error\":\"see HTTP/1.1 500 x\"}",
            ["400||{\"error\":\"see HTTP/1.1 500 x\"}"]
        ),
        // curl -v with standard error merged in
        (
            """
              % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                             Dload  Upload   Total   Spent    Left  Speed
              0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0* Connected to a.example
            > POST /token HTTP/1.1
            > Host: a.example
            >\u{20}
            < HTTP/1.1 401 Unauthorized
            < Server: x
            <\u{20}
            { [19 bytes data]
            \r100    19  100    19 --:--:-- --:--:-- --:--:--   100{"error":"invalid"}* Connection #0 to host a left intact

            """,
            ["401|Server=x|{\"error\":\"invalid\"}"]
        ),
        // curl -v -i
        (
            "< HTTP/1.1 401 Unauthorized\r\n< A: b\r\n< \r\nHTTP/1.1 401 Unauthorized\r\nA: b\r\n\r\n{\"error\":\"x\"}",
            ["401|A=b|{\"error\":\"x\"}"]
        ),
        // HTTPie, with the request
        (
            """
            POST /oauth2/token HTTP/1.1
            Host: a.example

            grant_type=refresh_token&refresh_token=secret


            HTTP/1.1 400 Bad Request
            Content-Type: application/json

            {
                "error": "invalid_grant"
            }


            """,
            ["400|Content-Type=application/json|{\n    \"error\": \"invalid_grant\"\n}"]
        ),
        // curl --raw
        (
            "HTTP/1.1 400 B\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"error\"\r\n5\r\n:\"x\"}\r\n0\r\n\r\n",
            ["400|Transfer-Encoding=chunked|{\"error\":\"x\"}"]
        ),
        // A head without an empty line after it
        ("HTTP/1.1 400 B\n{\"error\":\"x\"}", ["400||{\"error\":\"x\"}"]),
        ("HTTP/1.1 999 B\n\nx", ["-||HTTP/1.1 999 B\n\nx"]),
    ]

    @Test("are read as tools print them", arguments: rows.indices)
    func table(row: Int) {
        #expect(shown(Self.rows[row].text) == Self.rows[row].expected)
    }

    @Test("may be curl's word that there is none, and why")
    func transport() {
        for (line, expected) in [
            ("curl: (6) Could not resolve host: a.example", .nameNotFound),
            ("curl: (7) Failed to connect to a.example port 443", .connectionRefused),
            ("curl: (28) Connection timed out after 5000 ms", .connectTimeout),
            ("curl: (28) Operation timed out", .responseTimeout),
            ("curl: (60) SSL certificate problem", .certificateRefused),
            ("* Trying 10.0.0.1...\ncurl: (35) TLS connect error", .tlsFailed),
            ("curl: (52) Empty reply", .resetAfterSending),
            ("curl: (5) Could not resolve proxy: p", .proxyFailed),
        ] as [(String, TransportFailure)] {
            #expect(read(line).transport?.failure == expected, "\(line)")
            #expect(read(line).responses.isEmpty)
        }
        #expect(read("curl: (2) ?").transport == nil)
        #expect(read("HTTP/1.1 400 B\n\n{}\ncurl: (56) reset").transport == nil)
    }

    @Test("tell what was asked where, where the request came along")
    func request() {
        let verbose =
            "> POST /token HTTP/2\n> Host: a.auth.eu-west-1.amazoncognito.com\n"
            + "> Authorization: Basic YTpzM2NyM3Q=\n> \n< HTTP/2 400 \n< \n{}"
        #expect(read(verbose).request.host == "a.auth.eu-west-1.amazoncognito.com")
        #expect(read(verbose).request.secrets.map { $0.exposed() } == ["YTpzM2NyM3Q=", "s3cr3t"])
        let printed =
            "POST /t HTTP/1.1\nHost: a.example:8443\n\nclient_id=a&grant_type=client_credentials&client_secret=s%2F1\n\n"
            + "HTTP/1.1 400 B\n\n{}"
        #expect(read(printed).request.host == "a.example")
        #expect(read(printed).request.grant == .clientCredentials)
        #expect(read(printed).request.secrets.map { $0.exposed() } == ["s/1"])
    }

    @Test("are bounded in number, and read in one pass whatever they are", .timeLimit(.minutes(1)))
    func hostile() {
        let size = PastedInput.maximumBytes / 32
        let many = String(repeating: "HTTP/1.1 400 B\n\n", count: size / 16)
        #expect(read(many).responses.count == PastedResponses.maximumResponses)
        for piece in [
            "{", "[", "\"", "\\", "HTTP/", "HTTP/1.1 ", "}HTTP/1.1 4", "\n", "\r", "a:b\n", "--:--:--", "* ", "1f\n",
            "=",
        ] {
            let text = String(repeating: piece, count: size / piece.utf8.count)
            #expect(read(text).responses.count <= PastedResponses.maximumResponses)
            #expect(read("HTTP/1.1 400 B\n\(text)").responses.count <= PastedResponses.maximumResponses)
            #expect(read("HTTP/1.1 400 B\nTransfer-Encoding: chunked\n\n\(text)").responses.count >= 1)
        }
    }

    @Test("are refused when they are none, with what to do")
    func refused() {
        func told(_ bytes: [UInt8]) -> Failure? {
            do throws(Failure) {
                _ = try PastedInput.text(in: bytes)
                return nil
            } catch {
                return error
            }
        }
        let gzip: [UInt8] = [0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0]
        for (bytes, what) in [
            ([], "standard input is empty"), (Array(" \r\n\t".utf8), "standard input is empty"),
            (gzip, "the response is compressed"),
            (Array("HTTP/1.1 400 B\r\ncontent-encoding: gzip\r\n\r\n".utf8) + gzip, "the response is compressed"),
            ([0x28, 0xB5, 0x2F, 0xFD, 0], "the response is compressed"),
            ([0xFF, 0xFE, 0x7B, 0], "standard input is UTF-16"), ([0x7B, 0, 0x7D], "standard input is no text"),
        ] as [([UInt8], String)] {
            let failure = told(bytes)
            #expect(failure?.what == what && failure?.exitStatus == 64 && failure?.remedy != nil, "\(what)")
        }
        #expect(told([0xEF, 0xBB, 0xBF] + Array("{}".utf8)) == nil)
        // A page in another encoding is a page.
        #expect(told(Array("<title>Verf".utf8) + [0xFC] + Array("gbar</title>".utf8)) == nil)
    }
}
