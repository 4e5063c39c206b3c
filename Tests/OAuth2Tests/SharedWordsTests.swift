import Testing

import OAuth2

@Suite("The words that every room shares") struct SharedWordsTests {
    @Test(
        "a client's name is of one form only",
        arguments: [
            ("billing", true), ("A", true), ("0", true), ("a.b_c-D9", true), (String(repeating: "a", count: 64), true),
            ("", false), (".a", false), ("-a", false), ("_a", false), ("a b", false), ("a/b", false), ("ä", false),
            ("a\n", false), (String(repeating: "a", count: 65), false),
        ]
    )
    func clientNames(text: String, isValid: Bool) {
        #expect((ClientName(text)?.value == text) == isValid)
    }

    @Test("a scope is a set, written sorted and each token once")
    func scopes() {
        let scope = ScopeSet(wireValue: " b  a b ")
        #expect(scope == ScopeSet(["a", "b", ""]))
        #expect(scope.wireValue == "a b")
        #expect(ScopeSet(["a"]).isSubset(of: scope) && !scope.isSubset(of: ScopeSet(["a"])))
        #expect(ScopeSet(wireValue: " ") == .none && ScopeSet.none.isEmpty && !scope.isEmpty)
    }

    @Test(
        "a scope token is printable ASCII but space, quote and backslash (RFC 6749 §3.3)",
        arguments: [
            ("a/b:c,!~", true), ("", false), ("a b", false), ("a\"", false), ("a\\", false), ("ä", false),
            ("a\u{7}", false),
        ]
    )
    func scopeTokens(token: String, isValid: Bool) {
        #expect(ScopeSet.isValid(token: token) == isValid)
    }

    @Test("a token's target does not depend on the order of its resources")
    func targets() {
        #expect(TokenTarget(resource: ["b", "a", "b"]) == TokenTarget(resource: ["a", "b"]))
        #expect(TokenTarget(audience: "a") != TokenTarget(audience: "b"))
        #expect(TokenTarget(scope: ScopeSet(["a"])) != TokenTarget())
    }

    @Test("a moment advances by both clocks")
    func moments() {
        let moment = Moment(sinceBoot: .seconds(5), sinceEpoch: .seconds(100)).advanced(by: .milliseconds(1_500))
        #expect(moment == Moment(sinceBoot: .milliseconds(6_500), sinceEpoch: .milliseconds(101_500)))
    }

    @Test("a transport failure says whether the server may have acted", arguments: TransportFailure.allCases)
    func mayHaveBeenProcessed(transport: TransportFailure) {
        let afterSending: Set<TransportFailure> = [.resetAfterSending, .responseTimeout, .responseTooLarge, .notHTTP]
        #expect(transport.mayHaveBeenProcessed == afterSending.contains(transport))
    }
}
