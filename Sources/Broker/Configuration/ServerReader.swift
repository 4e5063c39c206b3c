import OAuth2

/// Reads one table `[servers."ORIGIN"]`.
struct ServerReader {
    let table: TableReader

    func read() -> ServerBudget {
        var budget = ServerBudget.standard
        if let written = table.number("requests_per_second") {
            if Self.rates.contains(written.value) {
                budget.requestsPerSecond = written.value
            } else {
                table.findings.refuse(written, "out of bounds", remedy: "write 0.01 to 10000")
            }
        }
        if let written = table.integer("concurrent") {
            if Self.concurrencies.contains(written.value) {
                budget.concurrent = written.value
            } else {
                table.findings.refuse(written, "out of bounds", remedy: "write 1 to 256")
            }
        }
        table.refuseUnknown()
        return budget
    }

    /// The origin that `name`, a table's key, stands for, in its normal form.
    static func origin(_ name: Written<String>, findings: Findings) -> String? {
        guard let url = findings.endpoint(name) else { return nil }
        guard url.path.isEmpty || url.path == "/", url.query == nil else {
            findings.refuse(name, "an origin has no path and no query", remedy: "write \(url.origin.shown)")
            return nil
        }
        return url.origin
    }

    /// From one request in 100 s, since slower servers exist only in tests, to more than a machine's clients need.
    private static let rates = 0.01...10_000

    /// Each is a connection with its descriptor and its TLS state.
    private static let concurrencies = 1...256
}
