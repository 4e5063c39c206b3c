import LocalAPI
import LocalServer
import TestSupport
import Testing

@Suite("Reading requests")
struct RequestParserTests {
    @Test("A plain GET is read with its fields")
    func plainGet() {
        var request = HTTPRequest(method: .get, target: "/v1/token/billing?min_ttl=5m", keepsAlive: true)
        request.accept = "text/plain"
        request.authorization = "Basic YTpi"
        request.isOrdinary = false
        let text =
            "GET /v1/token/billing?min_ttl=5m HTTP/1.1\r\nHost: localhost\r\nACCEPT: \ttext/plain \t\r\n"
            + "authorization:Basic YTpi\r\nX-Empty:\r\n\r\n"
        #expect(readings(of: text) == [.request(request)])
    }

    @Test("A POST is read with its body, and what follows is the next request")
    func postAndPipelinedGet() {
        var post = HTTPRequest(method: .post, target: "/oauth2/token", keepsAlive: true)
        post.contentType = "application/x-www-form-urlencoded"
        post.body = Array("a=b\r\n\r\n".utf8)
        let text =
            "POST /oauth2/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            + "Content-Length: 7\r\n\r\na=b\r\n\r\nGET /next HTTP/1.1\r\n\r\n"
        #expect(
            readings(of: text)
                == [.request(post), .request(HTTPRequest(method: .get, target: "/next", keepsAlive: true))]
        )
    }

    @Test("Several Accept fields are one list")
    func severalAccepts() throws {
        let text = "GET / HTTP/1.1\r\nAccept: text/plain\r\nAccept: application/json\r\n\r\n"
        guard case .request(let request) = try #require(readings(of: text).first) else {
            Issue.record("no request")
            return
        }
        #expect(request.accept == "text/plain,application/json")
    }

    @Test(
        "Whether the connection stays open (RFC 9112 §9.3)",
        arguments: [
            ("HTTP/1.1", "", true), ("HTTP/1.1", "close", false), ("HTTP/1.1", "Close", false),
            ("HTTP/1.1", "keep-alive", true), ("HTTP/1.1", "close, keep-alive", false),
            ("HTTP/1.1", "keep-alive , close", false), ("HTTP/1.1", "x-close", true), ("HTTP/1.0", "", false),
            ("HTTP/1.0", "keep-alive", true), ("HTTP/1.0", "keep-alive, close", false),
        ]
    )
    func keepsAlive(version: String, connection: String, expected: Bool) {
        let field = connection.isEmpty ? "" : "Connection: \(connection)\r\n"
        let found = readings(of: "GET / \(version)\r\n\(field)\r\n")
        #expect(found.count == 1)
        guard case .request(let request) = found.first else {
            Issue.record("no request")
            return
        }
        #expect(request.keepsAlive == expected)
    }

    @Test(
        "What is ambiguous, foreign or too much is refused",
        arguments: [
            ("GET / HTTP/1.1\n\n", 400), ("GET / HTTP/1.1\nHost: x\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nA: b\n\r\n", 400),
            ("GET / HTTP/1.1\r\n\rContent-Length: 5\r\n\r\n", 400), ("GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", 400), ("GET / HTTP/1.1\r\nA: b\u{7F}\r\n\r\n", 400),
            ("\u{16}\u{3}\u{1}", 400), ("\r\nGET / HTTP/1.1\r\n\r\n", 400), (" GET / HTTP/1.1\r\n\r\n", 400),
            ("GET  / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1 \r\n\r\n", 400), ("GET /  HTTP/1.1\r\n\r\n", 400),
            ("GET /a b HTTP/1.1\r\n\r\n", 400), ("GET\t/ HTTP/1.1\r\n\r\n", 400), ("GET /\r\n\r\n", 400),
            ("GET\r\n\r\n", 400), ("GET a HTTP/1.1\r\n\r\n", 400), ("GET http://x/ HTTP/1.1\r\n\r\n", 400),
            ("GET * HTTP/1.1\r\n\r\n", 400), ("GET /é HTTP/1.1\r\n\r\n", 400), ("G(T / HTTP/1.1\r\n\r\n", 400),
            ("GET / http/1.1\r\n\r\n", 400), ("GET / HTTP/11\r\n\r\n", 400), ("GET / HTTP/1.10\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\n: b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nA\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nA : b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nA b: c\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400), ("GET / HTTP/1.1\r\n A: b\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nÄ: b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\na", 400),
            ("POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\na", 400),
            ("POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\na", 400),
            ("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\na", 400),
            ("POST / HTTP/1.1\r\nContent-Length: 0x1\r\n\r\na", 400),
            ("POST / HTTP/1.1\r\nContent-Length:\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nContent-Length: 1 1\r\n\r\na", 400),
            ("DELETE / HTTP/1.1\r\n\r\n", 405), ("HEAD / HTTP/1.1\r\n\r\n", 405), ("get / HTTP/1.1\r\n\r\n", 405),
            ("POST / HTTP/1.1\r\n\r\n", 411), ("POST / HTTP/1.1\r\nContent-Length: 16385\r\n\r\n", 413),
            ("POST / HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n", 413),
            ("GET / HTTP/1.1\r\nExpect: 200-ok\r\n\r\n", 417),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
            ("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: identity\r\n\r\nabc", 501),
            ("GET / HTTP/2.0\r\n\r\n", 505), ("GET / HTTP/0.9\r\n\r\n", 505),
        ]
    )
    func refused(text: String, status: Int) {
        #expect(readings(of: text) == [.refused(status: status)])
    }

    @Test("A line that does not end in CR LF is refused at once, not when the head is whole")
    func refusedAtOnce() {
        #expect(readings(of: "GET / HTTP/1.1\nHost:") == [.refused(status: 400)])
        #expect(readings(of: "GET / HTTP/1.1\rX") == [.refused(status: 400)])
    }

    @Test("A head of the longest length is read, one byte more is refused")
    func longestHead() {
        let frame = "GET / HTTP/1.1\r\nUser-Agent: \r\n\r\n".utf8.count
        func head(_ length: Int) -> String {
            "GET / HTTP/1.1\r\nUser-Agent: \(String(repeating: "a", count: length - frame))\r\n\r\n"
        }
        #expect(
            readings(of: head(RequestParser.maximumHead))
                == [.request(HTTPRequest(method: .get, target: "/", keepsAlive: true))]
        )
        #expect(readings(of: head(RequestParser.maximumHead + 1)) == [.refused(status: 431)])
        #expect(readings(of: "GET /" + String(repeating: "a", count: 9_000)) == [.refused(status: 431)])
    }

    @Test("A body of the longest length is read")
    func longestBody() {
        var expected = HTTPRequest(method: .post, target: "/", keepsAlive: true)
        expected.body = [UInt8](repeating: 0, count: RequestParser.maximumBody)
        let head = "POST / HTTP/1.1\r\nContent-Length: \(RequestParser.maximumBody)\r\n\r\n"
        #expect(readings(of: [Array(head.utf8), expected.body]) == [.request(expected)])
    }

    @Test("Who waits to be told to send the body is told once, and only over HTTP/1.1")
    func expectContinue() {
        let head = Array("POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n".utf8)
        var expected = HTTPRequest(method: .post, target: "/", keepsAlive: true)
        expected.body = Array("ab".utf8)
        #expect(readings(of: [head, [0x61], [0x62]]) == [.saysContinue, .request(expected)])
        #expect(readings(of: [head + [0x61, 0x62]]) == [.request(expected)])
        expected.keepsAlive = false
        expected.knowsChunks = false
        let older = Array("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n".utf8)
        #expect(readings(of: [older, [0x61, 0x62]]) == [.request(expected)])
    }

    @Test("A head counts as held until its body has come")
    func heldBytes() {
        let head = Array("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n".utf8)
        var parser = RequestParser()
        parser.append(head)
        _ = parser.next()
        #expect(parser.heldBytes == head.count)
        parser.append([0x61])
        _ = parser.next()
        #expect(parser.heldBytes == head.count + 1)
        parser.append([0x61])
        _ = parser.next()
        #expect(parser.heldBytes == 0)
    }
}

@Suite("Reading requests in pieces")
struct RequestPiecesTests {
    @Test("Byte by byte and whole agree", arguments: corpus)
    func byteByByte(text: String) {
        let bytes = Array(text.utf8)
        let whole = readings(of: [bytes])
        #expect(!whole.isEmpty)
        // Only a body that has not come yet is waited for, so pieces may bring one "continue" more.
        #expect(readings(of: bytes.map { [$0] }).withoutContinue == whole.withoutContinue)
    }

    @Test("Random pieces of random sequences of requests give what the whole gives")
    func randomPieces() {
        var generator = SeededGenerator(seed: 20_260)
        for _ in 0..<2_000 {
            let chosen = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                corpus[Int.random(in: 0..<corpus.count, using: &generator)]
            }
            let bytes = Array(chosen.joined().utf8)
            #expect(
                readings(of: pieces(of: bytes, &generator)).withoutContinue == readings(of: [bytes]).withoutContinue
            )
        }
    }

    @Test("Mutated requests are read or refused alike, whole and in pieces, and never trap")
    func mutations() {
        var generator = SeededGenerator(seed: 7)
        // Long requests take long to walk; the short ones have all the grammar.
        let seeds = corpus.map { Array($0.utf8) }.filter { $0.count < 400 }
        var refused = 0
        for _ in 0..<50_000 {
            var bytes = seeds[Int.random(in: 0..<seeds.count, using: &generator)]
            for _ in 0..<Int.random(in: 1...2, using: &generator) { mutate(&bytes, &generator) }
            let whole = readings(of: [bytes]).withoutContinue
            if case .refused = whole.last { refused += 1 }
            guard readings(of: pieces(of: bytes, &generator)).withoutContinue == whole else {
                Issue.record("pieces disagree for \(String(decoding: bytes, as: UTF8.self).debugDescription)")
                return
            }
        }
        // Both outcomes were met, else the walk shows nothing.
        #expect((5_000..<45_000).contains(refused))
    }

    private func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        let telling: [UInt8] = [0, 9, 10, 13, 32, 44, 47, 48, 57, 58, 65, 127, 128, 255]
        let position = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &generator)
        let byte = telling[Int.random(in: 0..<telling.count, using: &generator)]
        switch Int.random(in: 0..<4, using: &generator) {
        case 0 where !bytes.isEmpty: bytes[position] = byte
        case 1 where !bytes.isEmpty: bytes.remove(at: position)
        case 2 where !bytes.isEmpty: bytes.insert(contentsOf: bytes[position...].prefix(12), at: position)
        default: bytes.insert(byte, at: position)
        }
    }

    private func pieces(of bytes: [UInt8], _ generator: inout SeededGenerator) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...max(1, min(rest.count, 3_000)), using: &generator))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }
}

extension [Reading] {
    fileprivate var withoutContinue: [Reading] { filter { $0 != .saysContinue } }
}
