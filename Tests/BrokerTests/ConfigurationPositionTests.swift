import Testing

@testable import Broker

@Suite struct ConfigurationPositionTests {
    /// The position of the key `path` in `text`, elements of lists by their numbers, as `LINE:COLUMN`.
    private func position(_ path: String..., in text: String) throws -> String {
        var node = try ConfigurationDocument(Array(text.utf8), file: "f").root
        for part in path {
            switch node.value {
            case .table(let members): node = try #require(members.first { $0.key == part }).node
            case .list(let elements): node = elements[try #require(Int(part))]
            default: Issue.record("\(part) is within \(node.kind)")
            }
        }
        return "\(node.place.line ?? 0):\(node.place.column ?? 0)"
    }

    @Test func `a table is where its header is`() throws {
        let text = "\n[a.b]\nx = 1\n[a]\n  y = 2\n[ c . 'd' ]"
        #expect(try position("a", "b", in: text) == "2:4")
        #expect(try position("a", "b", "x", in: text) == "3:1")
        #expect(try position("a", in: text) == "4:2")
        #expect(try position("a", "y", in: text) == "5:3")
        #expect(try position("c", "d", in: text) == "6:7")
    }

    @Test func `a dotted key's parts are where they are written`() throws {
        let text = "a.b . c = 1\na.\"b\".d = 2"
        #expect(try position("a", in: text) == "1:1")
        #expect(try position("a", "b", in: text) == "1:3")
        #expect(try position("a", "b", "c", in: text) == "1:7")
        #expect(try position("a", "b", "d", in: text) == "2:7")
    }

    @Test func `quoted keys are found by what they say`() throws {
        let text = #""a\u00e9\t\"" = 1"# + "\n'b.c\\' = 2\n\"\" = 3\n\"é\" = 4"
        #expect(try position("aé\t\"", in: text) == "1:1")
        #expect(try position("b.c\\", in: text) == "2:1")
        #expect(try position("", in: text) == "3:1")
        #expect(try position("é", in: text) == "4:1")
    }

    @Test func `inline tables and lists are seen through, over lines and comments`() throws {
        let text = """
            a = { b = 1, c.d = [ 2, # ] }
              { e = 3 },
              [ 4, "]," , '''
            ]''' , 5 ] ] }
            f = 6
            """
        #expect(try position("a", "b", in: text) == "1:7")
        #expect(try position("a", "c", "d", in: text) == "1:16")
        #expect(try position("a", "c", "d", "0", in: text) == "1:22")
        #expect(try position("a", "c", "d", "1", "e", in: text) == "2:5")
        #expect(try position("a", "c", "d", "2", "1", in: text) == "3:8")
        #expect(try position("a", "c", "d", "2", "3", in: text) == "4:8")
        #expect(try position("f", in: text) == "5:1")
    }

    @Test func `a table in a list of tables is where its header is`() throws {
        let text = "[[a]]\nx = 1\n[[a]]\nx = 2\n[a.b]\ny = 3\n[[a.c]]\n[[a.c]]\nz = 4"
        #expect(try position("a", "0", "x", in: text) == "2:1")
        #expect(try position("a", "1", in: text) == "3:3")
        #expect(try position("a", "1", "x", in: text) == "4:1")
        #expect(try position("a", "1", "b", "y", in: text) == "6:1")
        #expect(try position("a", "1", "c", "1", "z", in: text) == "9:1")
    }

    @Test func `strings hide what looks like keys`() throws {
        let text = #"""
            a = """
            b = 1
            [c]
            x\""" """""
            d = '''
            e = 1 \'''''
            g = "h = \"1"
            i = 'j\'
            k = """""" # """
            l = 1
            """#
        #expect(try position("d", in: text) == "5:1")
        #expect(try position("g", in: text) == "7:1")
        #expect(try position("i", in: text) == "8:1")
        #expect(try position("k", in: text) == "9:1")
        #expect(try position("l", in: text) == "10:1")
    }

    @Test func `line ends of Windows, a byte order mark and scalars of many bytes count as one`() throws {
        let text = "\u{FEFF}a = 1\r\nb = { 'é' = 'ü', c = -1.5e-3 }\r\nd = 1"
        #expect(try position("a", in: text) == "1:1")
        #expect(try position("b", "c", in: text) == "2:18")
        #expect(try position("d", in: text) == "3:1")
    }

    @Test(arguments: [
        String(repeating: "a.", count: 50_000) + "a = 1",
        "[" + String(repeating: "a.", count: 50_000) + "a]",
        "a = " + String(repeating: "[", count: 50_000) + String(repeating: "]", count: 50_000),
        "a = " + String(repeating: "{a=", count: 200) + "1" + String(repeating: "}", count: 200),
        "[a" + String(repeating: ".a", count: 30) + "]\nb.c.d = 1",
    ])
    func `what is nested beyond all sense is refused before it exhausts the stack`(text: String) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationDocument(Array(text.utf8), file: "f")
        }
        #expect(error?.problem == "nested more than 32 deep")
        #expect(error?.place.line != nil)
    }

    @Test func `what is nested as deep as allowed is read`() throws {
        let key = [String](repeating: "a", count: 29)
        let document = try ConfigurationDocument(Array("\(key.joined(separator: ".")) = [{ b = 1 }]".utf8), file: "f")
        #expect(document.root.kind == "a table")
    }
}
