import TestSupport
import Testing

@testable import Broker

/// A walk over texts that are almost a configuration.
@Suite struct ConfigurationMutationTests {
    private static let valid = """
        # A comment with [brackets] and "quotes".
        [daemon]
        state_directory = "/srv/state"
        state_key = [{ credential = "new" }, { file = 'old.key' }]
        log_level = "debug"

        [servers."https://as.example:8443"]
        requests_per_second = 2.5
        concurrent = 3

        [clients.billing]
        client_id = "one"
        client_secret = { environment = "BILLING" }
        token_endpoint = "https://as.example:8443/token"
        scopes = [
            "a", # one
            "b",
        ]
        parameters."x.y" = "1"
        allow = [{ user = "ann", scopes = ["c"] }, { group = 100 }]
        refresh_at = 0.5
        [[clients.billing.deep]]
        [clients.other]
        client_id = \"""
        two\"""
        issuer = "https://as.example"
        client_authentication = "none"
        keep_warm = "1h"
        """

    private static let pieces = [
        "[", "]", "[[", "]]", "{", "}", "=", ",", ".", "\"", "'", "\"\"\"", "'''", "\\", "\n", "\r\n", "#", " ", "\t",
        "true", "1", "-1", "1.5", "nan", "1979-05-27 07:32:00", "\"\"", "[]", "{}", "clients", "billing", "x = 1",
        "[clients.billing]", "\\u0000", "\\uD800", "é", "\u{0}", "99999999999999999999", "http://as.example", "allow",
    ]

    @Test(arguments: 0..<8)
    func `every text loads or is refused with a file and a line`(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let files = try ConfigurationFiles()
        var loaded = 0
        for _ in 0..<250 {
            let text = mutated(using: &random)
            try files.write(text)
            let lines = text.count { $0 == UInt8(ascii: "\n") } + 1
            do {
                _ = try files.load()
                loaded += 1
            } catch {
                #expect(!error.errors.isEmpty)
                for error in error.errors {
                    #expect(error.place.file == files.main)
                    let line = try #require(error.place.line, "\(error)")
                    #expect((1...lines + 1).contains(line), "\(error)")
                    #expect(!error.problem.isEmpty)
                    #expect(!error.description.contains("\n"))
                }
            }
        }
        #expect(loaded < 250)
    }

    @Test(arguments: 0..<8)
    func `the scanner finds every key and element that TOMLKit reads`(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) << 32)
        var parsed = 0
        for _ in 0..<500 {
            let text = mutated(using: &random)
            guard let document = try? ConfigurationDocument(text, file: "f") else { continue }
            parsed += 1
            var scanner = KeyScanner(text)
            let difference = firstDifference(document.root, scanner.scan())
            #expect(difference == nil, "in \(String(decoding: text, as: UTF8.self))")
        }
        #expect(parsed > 10)
    }

    @Test(arguments: 0..<4)
    func `no soup of tokens ends the process, and what is read is found`(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) << 48)
        for _ in 0..<5000 {
            let pieces = (1...Int.random(in: 1...10, using: &random)).compactMap { _ in
                Self.tokens.randomElement(using: &random)
            }
            let text = Array(pieces.joined().utf8)
            guard let document = try? ConfigurationDocument(text, file: "f") else { continue }
            var scanner = KeyScanner(text)
            #expect(firstDifference(document.root, scanner.scan()) == nil, "in \(pieces.joined())")
        }
    }

    private static let tokens =
        pieces + [
            "\r", "+", "-", "0x", "_", "e", ":", "inf", "T", "Z", "a", "b", "a = 1\n", "[a]\n", "[[a]]\n", "a.b = 1\n",
            "a = {", "a = [", "{ a = 1 }", "a = []\n", "\u{2028}", "\u{1}",
        ]

    /// The dotted key of the first node whose position is not known, or that only the scanner knows.
    private func firstDifference(_ node: ConfigurationNode, _ positions: KeyPositions, key: String = "") -> String? {
        switch node.value {
        case .table(let members):
            if Set(members.map(\.key)) != Set(positions.members.keys) { return "\(key): \(positions.members.keys)" }
            return members.lazy.compactMap { member in
                positions.members[member.key].flatMap {
                    firstDifference(member.node, $0, key: "\(key).\(member.key)")
                }
            }.first
        case .list(let elements):
            if elements.count != positions.elements.count { return "\(key): \(positions.elements.count) elements" }
            return zip(elements, positions.elements).lazy.compactMap { firstDifference($0, $1, key: "\(key)[]") }.first
        default:
            return positions.members.isEmpty && positions.elements.isEmpty ? nil : key
        }
    }

    private func mutated(using random: inout SeededGenerator) -> [UInt8] {
        var text = Array(Self.valid.utf8)
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let start = Int.random(in: 0...text.count, using: &random)
            let end = min(text.count, start + Int.random(in: 0...12, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: text.removeSubrange(start..<end)
            case 1: text.insert(contentsOf: Array((Self.pieces.randomElement(using: &random) ?? "").utf8), at: start)
            case 2:
                text.insert(contentsOf: Array(text[start..<end]), at: Int.random(in: 0...text.count, using: &random))
            case 3 where start < text.count: text[start] = UInt8.random(in: 0...255, using: &random)
            default: swapLines(&text, using: &random)
            }
        }
        return text
    }

    private func swapLines(_ text: inout [UInt8], using random: inout SeededGenerator) {
        var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let one = Int.random(in: lines.indices, using: &random)
        let other = Int.random(in: lines.indices, using: &random)
        lines.swapAt(one, other)
        text = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }
}
