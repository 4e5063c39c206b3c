import Testing

@testable import tokenctl

@Suite("What is pasted during a login") struct PastedLinesTests {
    private func events(_ text: String, isTerminal: Bool = false) -> [PastedLines.Event] {
        var lines = PastedLines(isTerminal: isTerminal)
        let events = lines.add(Array(text.utf8))
        return events + (lines.finish().map { [$0] } ?? [])
    }

    private static let notAnAddress = PastedLines.Event.unusable("it is no address with a question mark in it")

    @Test(
        "is an address without what came along",
        arguments: [
            ("http://127.0.0.1:1/?code=a&state=b\n", "http://127.0.0.1:1/?code=a&state=b"),
            ("  http://127.0.0.1:1/?code=a\t\r\n", "http://127.0.0.1:1/?code=a"),
            ("\"http://127.0.0.1:1/?code=a\"\n", "http://127.0.0.1:1/?code=a"),
            ("<http://127.0.0.1:1/?code=a>\n", "http://127.0.0.1:1/?code=a"),
            ("'/back?code=a'\n", "/back?code=a"),
            ("\n\n/back?code=a\n\n", "/back?code=a"),
            ("/back?code=a", "/back?code=a"),
        ]
    )
    func address(text: String, address: String) { #expect(events(text) == [.address(address)]) }

    @Test("is nothing when the line is empty", arguments: ["", "\n", "  \r\n\t\n", "\"\"\n"])
    func empty(text: String) { #expect(events(text) == []) }

    @Test(
        "is told when it is no address",
        arguments: ["4/0AX4XfWh\n", "code=a&state=b\n", "/back?code=ä\n", "/a b?c\n"]
    )
    func unusable(text: String) { #expect(events(text) == [Self.notAnAddress]) }

    @Test("may be several lines, in any pieces")
    func pieces() {
        let text = "/a?b\nx\n\n/c?d\n"
        let expected: [PastedLines.Event] = [.address("/a?b"), Self.notAnAddress, .address("/c?d")]
        #expect(events(text) == expected)
        var lines = PastedLines(isTerminal: false)
        #expect(text.utf8.flatMap { lines.add([$0]) } == expected)
    }

    @Test("may be longer than a terminal's line, and is told when it is longer than any address")
    func long() {
        let address = "/?" + String(repeating: "a", count: PastedLines.longestLine - 2)
        #expect(events("\(address)\n") == [.address(address)])
        #expect(events("\(address)a\n/b?c\n") == [.unusable("it has more than 15000 bytes"), .address("/b?c")])
    }

    @Test("can be taken back on a terminal, and ended")
    func keys() {
        #expect(events("/x\u{7F}a?b\n", isTerminal: true) == [.address("/a?b")])
        #expect(events("\u{8}\u{7F}/a?b\n", isTerminal: true) == [.address("/a?b")])
        #expect(events("wrong\u{15}/a?b\n", isTerminal: true) == [.address("/a?b")])
        #expect(events("/a?b\n\u{4}", isTerminal: true) == [.address("/a?b"), .end])
        #expect(events("/a\u{4}?b\n", isTerminal: true) == [.address("/a?b")])
        // A pipe has no keys.
        #expect(events("/a?b\u{4}\n") == [Self.notAnAddress])
    }
}
