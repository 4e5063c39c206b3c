import Benchmarking
import Testing

@Suite(.serialized) struct ScaleTests {
    @Test(arguments: [
        ("memory", ["idle", "a connection", "a stored token"]),
        ("start", ["10 tokens of 20 clients", "320 tokens of 20 clients", "40 tokens of as many clients"]),
        ("refresh", ["processor time of a refresh", "token requests for 20 callers who ask at once"]),
    ])
    func `Each of them measures, and says what it was to be`(subcommand: String, rows: [String]) throws {
        let benchmark = try ChildProcess(
            Binaries.path("benchmark"),
            [subcommand, "--quick"],
            output: .pipe,
            errors: .nothing
        )
        let text = benchmark.readAll()
        #expect(benchmark.wait().status == 0)
        for row in rows { #expect(text.contains(row)) }
    }
}
