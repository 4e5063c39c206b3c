import Benchmarking
import Testing

@Suite struct CommandBenchmarkTests {
    /// What `make bench` gets, and `make test` does not.
    private static let hasRival = (try? ChildProcess.path(of: "oidc-agent")) != nil

    @Test(.enabled(if: hasRival, "`Tests/prerequisites.sh bench` gets oidc-agent"))
    func `Every command fetches a token, and the table goes into the document`() throws {
        let room = try Room()
        let document = try room.write("document.md", "<!-- begin: command -->\n<!-- end: command -->\n")
        let benchmark = try ChildProcess(
            Binaries.path("benchmark"),
            ["command", "--quick", "--renew", document],
            output: .pipe,
            errors: .nothing
        )
        let text = benchmark.readAll()
        #expect(benchmark.wait().status == 0)
        for command in ["tokenctl token NAME", "curl --unix-socket", "oidc-token ACCOUNT", "true"] {
            #expect(text.contains("| `\(command)`"))
        }
        let check = try ChildProcess("cat", [document], output: .pipe)
        #expect(check.readAll() == "<!-- begin: command -->\n\n\(text)\n<!-- end: command -->\n")
    }

    @Test func `A program is run to its end, again and again, and a failure of it is told`() throws {
        let program = try TimedProgram("sh", ["-c", "[ \"$WORD\" = said ]"], environment: ["WORD": "said"])
        for _ in 0..<2 {
            let run = try program.run()
            #expect(run.time > .zero && run.minorFaults > 0)
        }
        let other = try TimedProgram("sh", ["-c", "[ \"$WORD\" = said ]"], environment: ["WORD": "kept"])
        #expect(throws: BenchmarkFailure.self) { try other.run() }
        #expect(throws: BenchmarkFailure.self) { try TimedProgram("no-such-program-anywhere") }
    }
}
