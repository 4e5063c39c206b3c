import OAuth2
import Testing

@testable import FuzzProperties

/// What the properties compare with must itself be right, or they hold of everything.
@Suite("What the fuzzers' properties see")
struct OracleTests {
    @Test(
        "in a body are its texts, and those under a token's name",
        arguments: [
            (
                #"{"a":"x","id_token":"y","b":{"tokens":["z",{"c":"w"}],"d":"v"}}"#, ["x", "y", "z", "w", "v"],
                ["y", "z", "w"]
            ),
            (#" {"token_type":"x","a\u005ftoken":"\ud83d\ude00\n\"\\"}"#, ["x", "😀\n\"\\"], ["😀\n\"\\"]),
            (#"{"token":"x","token":"y","a":["\ud800",1,null]}"#, ["x", "y"], []),
            (#"{"a":{"token":"x"},"b":{"token":"y"}}"#, ["x", "y"], ["x", "y"]),
            ("\u{FEFF}a=b&my_token=c%20d&my_token=e&a+token=f\r\n", ["b", "c d", "e", "f"], ["c d"]),
            ("a=%", [], []), ("", [], []),
        ]
    )
    func bodies(body: String, values: [String], tokens: [String]) {
        let texts = BodyTexts(Array(body.utf8))
        #expect(texts.values == values)
        #expect(texts.tokens == tokens)
    }

    @Test(
        "as an error is the outermost object's own",
        arguments: [
            (#"{"error":"x"}"#, true), (#"{"a":{},"error":"x"}"#, true), (#"{"a":{"error":"x"}}"#, false),
            (#"{"error":""}"#, false), (#"{"error":["x"]}"#, false), (#"{"error":"x","error":null}"#, false),
            (#"[{"error":"x"}]"#, false),
        ]
    )
    func errors(body: String, isStated: Bool) {
        #expect(BodyTexts(Array(body.utf8)).statesError == isStated)
    }

    @Test(
        "in a configuration is a secret that is plain to see",
        arguments: [
            ("client_secret = \"hunter29Zz\"", "client_secret = \"ivoufs30Aa\""),
            ("a\n clients.a.client_secret='hunter22' # x", "a\n clients.a.client_secret='ivoufs33' # x"),
            ("state_key = \"hunter22\"", "state_key = \"ivoufs33\""), ("client_secret = \"short\"", nil),
            ("client_secret = \"hunter22", nil), ("# client_secret = \"hunter22\"", nil),
            ("client_secret = \"hunter22\"\nhunter22 = 1", nil), ("a = \"\"\"\nclient_secret = \"hunter22\"", nil),
            ("client_secret = { file = \"hunter22\" }", nil), ("client_id = \"hunter22\"", nil),
        ] as [(String, String?)]
    )
    func secrets(text: String, changed: String?) {
        #expect(InlineSecret.changed(in: Array(text.utf8)) == changed.map { Array($0.utf8) })
    }

    @Test("as an input is the answer that it spells")
    func inputs() {
        let input = AnswerInput(Array("503\nRetry-After:  7\nodd\n\nbody\n\n".utf8))
        #expect(input.status == 503)
        #expect(input.headers.map { "\($0.name)=\($0.value)" } == ["Retry-After=7", "odd="])
        #expect(input.body == Array("body\n\n".utf8))
        #expect(AnswerInput([]).status == 200 && AnswerInput([0xFF]).body == [])
        #expect(AnswerInput(Array("200\nContent-Length: 4\n\nbody".utf8)).cut(to: 2).headers.isEmpty)
    }
}
