import Testing

@testable import tokenctl

@Suite("Reading the daemon's answer") struct AnswerReaderTests {
    /// An answer, its status and its body.
    struct Answer: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let status: Int
        let body: String

        /// How much of it must have come before it is known to be whole; nil when only the connection's end tells.
        var wholeAfter: Int?

        init(_ name: String, _ text: String, status: Int, body: String, unread: Int? = 0) {
            testDescription = name
            bytes = Array(text.utf8)
            self.status = status
            self.body = body
            wholeAfter = unread.map { text.utf8.count - $0 }
        }
    }

    static let answers = [
        Answer(
            "with a length",
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\ntoken\r\n\r\n.é",
            status: 200,
            body: "token\r\n\r\n.é"
        ),
        Answer("with a length of 0", "HTTP/1.1 202 Accepted\r\nCONTENT-LENGTH:0\r\n\r\n", status: 202, body: ""),
        Answer(
            "in chunks",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab\r\nc\r\n00A\r\n0123456789\r\n1;x=\"y\"\r\nz\r\n0\r\n\r\n",
            status: 200,
            body: "ab\r\nc0123456789z",
            // The last chunk's header says that there is no more.
            unread: 2
        ),
        Answer(
            "in no chunk",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            status: 200,
            body: "",
            unread: 2
        ),
        Answer(
            "to the end",
            "HTTP/1.0 503 No\r\nX: a:b\r\n\r\n{\"error\"}",
            status: 503,
            body: "{\"error\"}",
            unread: nil
        ),
        Answer("with an empty field", "HTTP/1.1 200 OK\r\nX:\r\nContent-Length: 1\r\n\r\na", status: 200, body: "a"),
        Answer("without a body", "HTTP/1.1 500 \r\n\r\n", status: 500, body: "", unread: nil),
    ]

    /// How reading went: the body as far as it came, and the step that ended it.
    private func read(_ reader: inout AnswerReader, into body: inout [UInt8]) -> AnswerReader.Step {
        while true {
            let step = reader.next()
            guard case .body(let piece) = step else { return step }
            #expect(!piece.isEmpty)
            body += piece
        }
    }

    @Test("whole gives its status and its body", arguments: answers)
    func whole(answer: Answer) {
        var (reader, body) = (AnswerReader(), [UInt8]())
        reader.append(answer.bytes)
        if answer.wholeAfter == nil {
            #expect(read(&reader, into: &body) == .needsMore)
            reader.finish()
        }
        #expect(read(&reader, into: &body) == .end)
        #expect(reader.status == answer.status && String(decoding: body, as: UTF8.self) == answer.body)
        // And stays so.
        #expect(reader.next() == .end)
    }

    @Test("byte by byte gives the same, and no body before the head", arguments: answers)
    func bytewise(answer: Answer) {
        var (reader, body) = (AnswerReader(), [UInt8]())
        for (index, byte) in answer.bytes.enumerated() {
            let isWhole = answer.wholeAfter.map { index >= $0 } ?? false
            #expect(read(&reader, into: &body) == (isWhole ? .end : .needsMore), "before byte \(index)")
            reader.append([byte])
        }
        if answer.wholeAfter == nil {
            #expect(read(&reader, into: &body) == .needsMore)
            reader.finish()
        }
        #expect(read(&reader, into: &body) == .end)
        #expect(reader.status == answer.status && String(decoding: body, as: UTF8.self) == answer.body)
    }

    @Test("cut off at any byte is never taken for whole, where its head says how much there is", arguments: answers)
    func truncated(answer: Answer) throws {
        let text = Array(answer.body.utf8)
        let headEnd = try #require(headLength(answer))
        for count in 0..<answer.bytes.count {
            var (reader, body) = (AnswerReader(), [UInt8]())
            reader.append(Array(answer.bytes[..<count]))
            reader.finish()
            let isHeadWhole = count >= headEnd
            let isWhole = answer.wholeAfter.map { count >= $0 } ?? isHeadWhole
            #expect(read(&reader, into: &body) == (isWhole ? .end : .broken), "cut off after \(count) bytes")
            #expect(text.starts(with: body))
            #expect(reader.status == (isHeadWhole ? answer.status : nil))
        }
    }

    private func headLength(_ answer: Answer) -> Int? {
        (4...answer.bytes.count).first { answer.bytes[..<$0].suffix(4).elementsEqual(Array("\r\n\r\n".utf8)) }
    }

    @Test("ends where its length says, whatever follows")
    func more() {
        var (reader, body) = (AnswerReader(), [UInt8]())
        reader.append(Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabcd".utf8))
        #expect(read(&reader, into: &body) == .end && body == Array("ab".utf8))
    }

    @Test("in chunks gives each piece of a stream as it comes, the heartbeat alone")
    func stream() {
        var reader = AnswerReader()
        reader.append(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8))
        #expect(reader.next() == .needsMore)
        reader.append(Array("3\r\n{}\n\r\n1\r\n\n\r\n".utf8))
        #expect(reader.next() == .body(Array("{}\n".utf8)))
        #expect(reader.next() == .body([0x0A]))
        #expect(reader.next() == .needsMore && !reader.isCutOff)
        reader.finish()
        #expect(reader.next() == .broken && reader.isCutOff)
    }

    @Test(
        "that is no answer is broken",
        arguments: [
            "\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 20\r\n\r\n", "HTTP/1.1 OK\r\n\r\n",
            "http/1.1 200 OK\r\n\r\n", "SSH-2.0-x\r\n\r\n", "HTTP/1.1 200 OK\r\nno field\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 67108865\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4000001\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", "HTTP/1.1 099 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na\r\n0\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n",
        ]
    )
    func broken(text: String) {
        var reader = AnswerReader()
        reader.append(Array(text.utf8))
        #expect(reader.next() == .broken)
    }

    @Test("whose head does not end is broken when it is too long")
    func endlessHead() {
        var reader = AnswerReader()
        let line = Array("HTTP/1.1 200 OK\r\nX: ".utf8)
        reader.append(line + [UInt8](repeating: 0x61, count: AnswerReader.maximumHead - line.count))
        #expect(reader.next() == .needsMore)
        reader.append([0x61])
        #expect(reader.next() == .broken)
    }

    @Test("whose chunk's size does not end is broken when it is too long")
    func endlessSize() {
        var reader = AnswerReader()
        reader.append(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8))
        reader.append([UInt8](repeating: 0x30, count: AnswerReader.maximumHead))
        #expect(reader.next() == .needsMore)
        reader.append([0x30])
        #expect(reader.next() == .broken)
    }
}
