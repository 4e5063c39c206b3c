import LocalAPI

/// The status for people: a line a client, then what to do about those that need it.
struct StatusTable {
    let lines: [String]

    init(_ status: StatusDocument, now: Int, isColoured: Bool) {
        var lines: [String] = []
        for alarm in status.alarms {
            lines.append(Paint.red.applied(to: "ALARM \(alarm.message)", isColoured))
        }
        guard !status.clients.isEmpty else {
            self.lines = lines + ["No clients are configured."] + Self.below(status.warnings)
            return
        }
        let isVerified = status.clients.contains { $0.verification != nil }
        let header =
            ["CLIENT", "STATE", "SERVING", "EXPIRES", "NEXT ATTEMPT", "DIES AT"] + (isVerified ? ["VERIFIED"] : [])
            + ["LAST ERROR"]
        let rows = status.clients.map { Self.cells($0, now: now, isVerified: isVerified) }
        let widths = header.indices.map { column in
            max(header[column].count, rows.map { $0[column].count }.max() ?? 0)
        }
        func line(_ cells: [String]) -> String {
            let padded = zip(cells, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            let text = padded.joined(separator: "  ")
            return String(text.reversed().drop { $0 == " " }.reversed())
        }
        lines.append(Paint.bold.applied(to: line(header), isColoured))
        for (client, row) in zip(status.clients, rows) {
            lines.append(Self.colour(client.state).applied(to: line(row), isColoured))
        }
        let remedies = status.clients.flatMap { client in
            let notes = [
                client.lastError.map { "\($0.summary) \($0.remedy)\(Self.requestName($0))" },
                client.grant?.note(now: now),
                client.clientSecret?.note,
            ]
            .compactMap(\.self)
            let verified = client.verificationNotes(now: now, details: status.clients.count == 1)
            return (notes + verified).map { "\(client.client): \($0)" }
        }
        let warnings = status.servers.flatMap { server in server.warnings.map { "\(server.origin): \($0)" } }
        self.lines = lines + Self.below(remedies + warnings + status.warnings)
    }

    /// What is said under the table, and the line between.
    private static func below(_ sentences: [String]) -> [String] { sentences.isEmpty ? [] : [""] + sentences }

    private static func cells(_ client: ClientStatus, now: Int, isVerified: Bool) -> [String] {
        [
            client.client, client.state.rawValue, client.serving ? "yes" : "no",
            relative(client.expiresAt, now), relative(client.nextAttemptAt, now), relative(client.diesAt, now),
        ] + (isVerified ? [client.verified ?? "-"] : []) + [client.lastError.map(error) ?? "-"]
    }

    private static func error(_ error: LastError) -> String {
        refusal(
            error.cause,
            status: error.serverStatus,
            code: error.providerCode.flatMap { $0 == error.cause ? nil : $0 },
            words: error.serverWords
        )
    }

    /// What a server said, on one line.
    static func refusal(_ cause: String, status: Int?, code: String? = nil, words: String?) -> String {
        let details = [status.map { "HTTP \($0)" }, code].compactMap(\.self)
        let beside = details.isEmpty ? "" : " (\(details.joined(separator: ", ")))"
        return "\(cause)\(beside)\(words.map { ": \($0)" } ?? "")"
    }

    /// What the server's support finds the request by.
    private static func requestName(_ error: LastError) -> String {
        error.requestID.map { " The server's name for the request is \($0)." } ?? ""
    }

    /// A time as it is from now: `in 45s`, `now`, `2m ago`.
    static func relative(_ time: Int?, _ now: Int) -> String {
        guard let time else { return "-" }
        if time == now { return "now" }
        let distance = DurationText.text(.seconds(abs(time - now)))
        return time > now ? "in \(distance)" : "\(distance) ago"
    }

    private static func colour(_ state: ClientState) -> Paint {
        switch state {
        case .idle: .plain
        case .fresh, .refreshing, .fetching: .green
        case .retrying: .yellow
        case .expired, .misconfigured, .loginRequired: .red
        }
    }
}
