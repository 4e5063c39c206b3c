import Testing

import OAuth2

@Suite("The form encoding") struct FormEncodingTests {
    @Test(
        "writes what RFC 6749 appendix B shows and leaves what needs no escape",
        arguments: [
            (" %&+£€", "+%25%26%2B%C2%A3%E2%82%AC"), ("AZaz09-._*", "AZaz09-._*"), ("~/:=", "%7E%2F%3A%3D"), ("", ""),
            ("\r\n\0", "%0D%0A%00"),
        ]
    )
    func encodes(text: String, encoded: String) {
        #expect(FormEncoding.encode(text) == encoded)
        #expect(FormEncoding.decode(Array("n=\(encoded)".utf8)) == [FormParameter(name: "n", value: text)])
    }

    @Test("writes parameters in their order, repeated ones too")
    func encodesParameters() {
        let parameters = [("b", "1 2"), ("a", ""), ("b", "ü")].map { FormParameter(name: $0.0, value: $0.1) }
        #expect(FormEncoding.encode(parameters) == "b=1+2&a=&b=%C3%BC")
    }

    @Test(
        "reads names without a value, values with an equals sign and empty pieces",
        arguments: [
            ("a=b=c", [["a", "b=c"]]), ("a", [["a", ""]]), ("=b", [["", "b"]]), ("&&a=1&", [["a", "1"]]), ("", []),
            ("a=%2b%2B+", [["a", "++ "]]),
        ]
    )
    func decodes(text: String, expected: [[String]]) {
        #expect(FormEncoding.decode(Array(text.utf8))?.map { [$0.name, $0.value] } == expected)
    }

    @Test(
        "reads one component whole, delimiters too",
        arguments: [("a%26b", "a&b"), ("a&b=c", "a&b=c"), ("=a+b", "=a b"), ("", ""), ("%C3%BC", "ü")]
    )
    func decodesComponent(text: String, expected: String) {
        #expect(FormEncoding.decodeComponent(text.utf8) == expected)
    }

    @Test("refuses a broken escape and bytes that are no UTF-8", arguments: ["a=%", "a=%4", "%zz=1", "a=%C3", "a=%FF"])
    func refuses(text: String) {
        #expect(FormEncoding.decode(Array(text.utf8)) == nil)
        #expect(FormEncoding.decodeComponent(text.utf8) == nil)
    }
}
