import OAuth2
import Testing

@Suite("An answer's bytes")
struct AnswerBytesTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let head: String
        var body = ""
        /// The access token, or nil for none.
        var token: String?
        /// The error of an answer that grants none.
        var error: String?
        /// Whether the server ends the connection after it.
        var closes = false
        var testDescription: String { (head + body).debugDescription }

        var bytes: [UInt8] { Array((head + body).utf8) }
    }

    private static let json = #"{"access_token":"2YotnFZF","token_type":"bearer"}"#
    private static let form = "token_type=bearer&access_token=2YotnFZF"

    private static func granted(_ head: String, _ body: String = json, closes: Bool = false) -> Row {
        Row(head: head, body: body, token: "2YotnFZF", closes: closes)
    }

    private static func refused(_ error: String, _ head: String, _ body: String = json, closes: Bool = false) -> Row {
        Row(head: head, body: body, error: error, closes: closes)
    }

    private static let sized = "HTTP/1.1 200 OK\r\nContent-Length: \(json.utf8.count)\r\n\r\n"
    private static let sizedForm = "HTTP/1.1 200 OK\r\nContent-Length: \(form.utf8.count)\r\n\r\n"
    private static let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    private static let open = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

    private static func chunks(_ text: String, of size: Int, extension: String = "", trailer: String = "") -> String {
        var chunks = ""
        var rest = text[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(size)
            chunks += "\(String(chunk.utf8.count, radix: 16))\(`extension`)\r\n\(chunk)\r\n"
            rest = rest.dropFirst(size)
        }
        return chunks + "0\r\n\(trailer)\r\n"
    }

    private static let whole = [
        granted(sized), granted(sizedForm, form), granted(open, closes: true),
        granted(chunked, chunks(json, of: 7)), granted(chunked, chunks(form, of: 1)),
        granted(chunked, chunks(json, of: 40, extension: ";a=\"b\"", trailer: "X-Checksum: 1\r\n")),
        // No reason phrase, and nothing where it would stand.
        granted("HTTP/1.1 200 \r\nContent-Length: \(json.utf8.count)\r\n\r\n"),
        granted("HTTP/1.1 200\r\nContent-Length: \(json.utf8.count)\r\n\r\n"),
        // Old servers, and odd heads.
        granted("HTTP/1.0 200 OK\r\n\r\n", closes: true),
        granted(
            "HTTP/1.1 200 OK\r\ncontent-LENGTH:\t\(json.utf8.count) \r\nCONTENT-TYPE:\r\nX-Name: J\u{F6}rg\r\n\r\n"
        ),
        granted("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + sized),
        // The end of the connection ends no form.
        refused("unreadable_answer", open, form, closes: true),
        refused("unreadable_answer", "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n", form, closes: true),
        refused("unreadable_answer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", form, closes: true),
        // Nothing in them.
        refused("empty_answer", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", ""),
        refused("empty_answer", "HTTP/1.1 403 \r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ""),
        refused("empty_answer", "HTTP/1.1 401 No\r\n\r\n", "", closes: true),
        refused("empty_answer", "HTTP/1.1 204 No Content\r\n\r\n", ""),
        refused("server_error", "HTTP/1.1 400\r\n\r\n", #"{"error":"server_error"}"#, closes: true),
        // Two lengths are an attack on whoever believes the other one (RFC 9112 §6.3).
        refused(
            "not_http",
            "HTTP/1.1 200 OK\r\nContent-Length: 49\r\nTransfer-Encoding: chunked\r\n\r\n",
            chunks(json, of: 9)
        ),
        refused("not_http", "HTTP/1.1 200 OK\r\nContent-Length: 49\r\nContent-Length: 50\r\n\r\n"),
        refused("not_http", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
        refused("not_http", "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551665\r\n\r\n"),
        refused("not_http", chunked, "10000000000000031\r\n\(json)\r\n0\r\n\r\n"),
        refused("not_http", chunked, "-1\r\n\(json)\r\n0\r\n\r\n"),
        refused("not_http", "HTTP/1.1 2OO OK\r\n\r\n"), refused("not_http", "ICY 200 OK\r\n\r\n"),
        refused("not_http", ""),
        // Statuses that are none, or that answer what was not asked.
        refused("not_http", "HTTP/1.1 000 Foo\r\nContent-Length: 0\r\n\r\n", ""),
        refused("not_http", "HTTP/1.1 099 Foo\r\nContent-Length: \(json.utf8.count)\r\n\r\n"),
        refused("not_http", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"),
    ]

    @Test("are read the same at once and one by one", arguments: whole)
    func splitting(row: Row) async throws {
        try await withByteServer { wire, server in
            var results: [Result<TokenResponse, TokenEndpointFailure>] = []
            for size in [Int.max, 1, 2, 3, 16] {
                server.answer(row.bytes, inWritesOf: size, closes: row.closes)
                let result = try await wire.send(to: server.endpoint)
                switch result {
                case .success(let response):
                    #expect(row.token.map { Secret($0) } == response.accessToken, "in writes of \(size)")
                case .failure(let failure):
                    #expect(row.error == failure.error, "in writes of \(size)")
                }
                results.append(result)
            }
            #expect(results.allSatisfy { $0 == results[0] })
        }
    }

    @Test(
        "are no token before the last one is there",
        arguments: [
            granted(sized), granted(sizedForm, form), granted(chunked, chunks(json, of: 20)),
            granted(chunked, chunks(form, of: 20)), granted(open), refused("unreadable_answer", open, form),
        ]
    )
    func truncation(row: Row) async throws {
        try await withByteServer { wire, server in
            for length in 0..<row.bytes.count {
                server.answer(row.bytes.prefix(length), closes: true)
                let failure = try await wire.failure(to: server.endpoint)
                #expect(failure != nil, "\(length) bytes were taken for a token response")
                #expect(!"\(String(describing: failure))".contains("2Yot"))
            }
        }
    }

    @Test("beyond the length that was stated belong to no answer")
    func excess() async throws {
        try await withByteServer { wire, server in
            server.answer(
                Array((AnswerBytesTests.sized + AnswerBytesTests.json).utf8) + Array("HTTP/1.1 200 OK".utf8),
                closes: false
            )
            for _ in 1...3 {
                guard case .success(let response) = try await wire.send(to: server.endpoint) else { continue }
                #expect(response.accessToken == Secret("2YotnFZF"))
            }
        }
    }
}
