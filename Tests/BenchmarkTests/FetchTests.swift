import Benchmarking
import Testing

@Suite struct FetchTests {
    /// What `make bench` gets, and `make test` does not.
    private static let hasRivals = ["nginx", "redis-server"].allSatisfy { (try? ChildProcess.path(of: $0)) != nil }

    @Test(.enabled(if: hasRivals, "`Tests/prerequisites.sh bench` gets nginx and Redis"))
    func `Every server is asked in every way, and the tables go into the document`() throws {
        let room = try Room()
        let document = try room.write("document.md", "<!-- begin: fetch -->\n<!-- end: fetch -->\n")
        let benchmark = try ChildProcess(
            Binaries.path("benchmark"),
            ["fetch", "--quick", "--renew", document],
            output: .pipe,
            errors: .nothing
        )
        let text = benchmark.readAll()
        #expect(benchmark.wait().status == 0)
        for server in ["tokenbroker", "nginx", "Redis", "C, a constant"] { #expect(text.contains("| \(server) ")) }
        let check = try ChildProcess("cat", [document], output: .pipe)
        #expect(check.readAll() == "<!-- begin: fetch -->\n\n\(text)\n<!-- end: fetch -->\n")
    }
}
