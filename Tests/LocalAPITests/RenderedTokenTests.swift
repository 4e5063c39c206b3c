import LocalAPI
import OAuth2
import TestSupport
import Testing

@Suite("A token that is written") struct RenderedTokenTests {
    private func rendered(
        _ value: Secret,
        type: String = "Bearer",
        scope: [String] = ["invoices/read"],
        expiresAt: Int? = nil
    ) throws -> RenderedToken {
        let moment = Moment(sinceBoot: .zero, sinceEpoch: .seconds(expiresAt ?? 0) - .seconds(60))
        let token = AccessToken(
            value: value,
            tokenType: type,
            scope: ScopeSet(scope),
            lifetime: expiresAt.map { _ in .seconds(60) },
            receipt: Receipt(moment: moment, boot: BootID("boot"))
        )
        return RenderedToken(token: token, client: try #require(ClientName("billing")))
    }

    private func written(_ token: RenderedToken, _ format: TokenFormat = .json, expiresIn: Int = 0) -> [UInt8] {
        var answer = AnswerBuffer(capacity: token.longestAnswer)
        token.write(format, expiresIn: DecimalText(expiresIn), into: &answer)
        let isWhole = answer.isWhole
        #expect(isWhole)
        return Array(answer)
    }

    /// The answer with `body`, byte for byte.
    private func answer(_ type: String, _ body: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nCache-Control: no-store\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test(
        "is RFC 6749 §5.1's document, with the two numbers of the moment",
        arguments: [
            (3_599, 1_700_003_600, #","expires_at":1700003600,"expires_in":3599"#),
            (0, 0, #","expires_at":0,"expires_in":0"#),
            (9, 10, #","expires_at":10,"expires_in":9"#),
            (100, 99, #","expires_at":99,"expires_in":100"#),
            (.max, .max, #","expires_at":9223372036854775807,"expires_in":9223372036854775807"#),
            // A clock before 1970 says nothing that a caller could use.
            (5, -1, #","expires_at":0,"expires_in":5"#),
            (-1, 7, #","expires_at":7,"expires_in":0"#),
            (nil, nil, ""),
        ] as [(Int?, Int?, String)]
    )
    func json(expiresIn: Int?, expiresAt: Int?, numbers: String) throws {
        let body =
            #"{"access_token":"eyJ.a-b_c~","client":"billing"\#(numbers),"scope":"invoices/read","token_type":"Bearer"}"#
            + "\n"
        let bytes = written(try rendered(Secret("eyJ.a-b_c~"), expiresAt: expiresAt), expiresIn: expiresIn ?? 0)
        #expect(text(bytes) == answer("application/json", body))
    }

    @Test(
        "cannot be led out of its JSON string by what a server writes",
        arguments: [
            (#"a"b"#, #"a\"b"#), (#"a\"#, #"a\\"#), (#"","admin":"yes"#, #"\",\"admin\":\"yes"#),
            ("a\r\nb", #"a\u000d\u000ab"#), ("\u{0}\u{1F}\u{7F}", #"\u0000\u001f\u007f"#),
            ("\u{1B}[31m", #"\u001b[31m"#),
            ("é€🔑", "é€🔑"), ("\u{2028}", "\u{2028}"), ("</script>", "</script>"), ("", ""),
        ]
    )
    func escaping(hostile: String, escaped: String) throws {
        let token = try rendered(Secret(hostile), type: hostile, scope: [hostile], expiresAt: 2)
        let body =
            #"{"access_token":"\#(escaped)","client":"billing","expires_at":2,"expires_in":1,"scope":"\#(escaped)","#
            + #""token_type":"\#(escaped)"}"# + "\n"
        let bytes = written(token, expiresIn: 1)
        #expect(text(bytes) == answer("application/json", body))

        let read = try DocumentCoding.decode(TokenDocument.self, from: Array(body.utf8))
        #expect(read.accessToken == hostile && read.tokenType == hostile && read.scope == hostile)
        #expect(read.client == "billing" && read.expiresIn == 1 && read.expiresAt == 2)
    }

    @Test("is written anew each time from the same pieces")
    func repeatedly() throws {
        let token = try rendered(Secret("a"), expiresAt: 20)
        let first = written(token, expiresIn: 10)
        let second = written(token, expiresIn: 9)
        #expect(first != second && first == written(token, expiresIn: 10))
    }

    @Test("is alone on its line as plain text, as it is", arguments: ["eyJ.a", #"a"\b"#, "é"])
    func plain(value: String) throws {
        let bytes = written(try rendered(Secret(value)), .plain)
        #expect(text(bytes) == answer("text/plain; charset=utf-8", value + "\n"))
    }

    @Test("is what was asked for, whatever the room held before", arguments: 0..<20)
    func walk(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        // As long as each other, so that nothing but their bytes tells them apart.
        let tokens = try ["one", "two", "six"].map { try rendered(Secret($0), expiresAt: 100) }
        var answer = AnswerBuffer(capacity: 1_024)
        for _ in 0..<300 {
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: answer.wipe()
            case 1: answer.append([0x78])
            case 2: answer.append([UInt8](repeating: 0x79, count: 2_000))
            default: break
            }
            if !answer.isWhole || Bool.random(using: &generator) { answer.clear() }
            let kept = [UInt8](answer)
            let token = tokens.randomElement(using: &generator)!
            let format: TokenFormat = Bool.random(using: &generator) ? .json : .plain
            let seconds = Int.random(in: 8...11, using: &generator)
            token.write(format, expiresIn: DecimalText(seconds), into: &answer)
            let isWhole = answer.isWhole
            if isWhole { #expect([UInt8](answer) == kept + written(token, format, expiresIn: seconds)) }
        }
    }
}
