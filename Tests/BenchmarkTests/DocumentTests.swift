import Benchmarking
import Testing

@Suite struct DocumentTests {
    private static let document = """
        # Title
        <!-- begin: fetch -->
        old
        <!-- end: fetch -->
        Prose.
        <!-- begin: start -->
        <!-- end: start -->

        """

    @Test func `Only the section of the name is renewed`() throws {
        let renewed = try DocumentSection("fetch").renewed(in: Self.document, with: "new\nlines")
        #expect(
            renewed == Self.document.replacing("old\n", with: "\nnew\nlines\n\n")
        )
        let again = try DocumentSection("fetch").renewed(in: renewed, with: "new\nlines")
        #expect(again == renewed)
        #expect(try DocumentSection("start").renewed(in: Self.document, with: "x").contains("old"))
    }

    @Test func `A document without the section is refused`() {
        #expect(throws: BenchmarkFailure.self) {
            try DocumentSection("memory").renewed(in: Self.document, with: "x")
        }
        #expect(throws: BenchmarkFailure.self) {
            try DocumentSection("a").renewed(in: "<!-- end: a -->\n<!-- begin: a -->\n", with: "x")
        }
    }

    @Test func `A table is aligned`() {
        var table = MarkdownTable(["", "requests/s"])
        table.append(["nginx", "1"])
        table.append(["tokenbroker"])
        #expect(
            table.text == """
                |             | requests/s |
                | ----------- | ---------: |
                | nginx       |          1 |
                | tokenbroker |            |
                """
        )
    }
}
