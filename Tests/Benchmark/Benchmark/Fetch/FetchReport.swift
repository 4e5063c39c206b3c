import Benchmarking

/// The tables of what was seen, and whether it is what it is to be.
struct FetchReport {
    let rounds: FetchRounds
    let rivals: [Rival]

    private static let patterns = Pattern.kept + Pattern.new

    var text: String {
        """
        \(Machine.description)

        \(Goal.table(goals))

        Requests a second:

        \(table { Figure.text($0.series($1, $2, \.rate).median) })

        The same against nginx:

        \(table { Figure.text($0.series($1, $2, \.rate).ratio(to: $0.series(Rivals.nginx, $2, \.rate))) })

        Microseconds until the answer is there, p50 / p99 / p99.9:

        \(table { rounds, rival, pattern in
            [\LoadReport.p50, \.p99, \.p999].map { figure in
                Figure.text(rounds.series(rival, pattern) { $0[keyPath: figure] }.median)
            }.joined(separator: " / ")
        })

        Microseconds of the server's processor for a request:

        \(table { Figure.text($0.series($1, $2, \.serverMicrosecondsPerRequest).median) })

        Resident memory in MB:

        \(memory)
        """
    }

    private func table(_ cell: (FetchRounds, String, Pattern) -> String) -> String {
        var table = MarkdownTable([""] + Self.patterns.map(\.title))
        for rival in rivals {
            table.append([rival.name] + Self.patterns.map { cell(rounds, rival.name, $0) })
        }
        return table.text
    }

    private var memory: String {
        let connections = FetchRounds.memoryConnections
        var table = MarkdownTable(["", "idle"] + connections.map { "\(Figure.grouped($0)) kept" })
        for rival in rivals {
            guard let use = rounds.memory[rival.name] else { continue }
            let loaded = connections.map { use[$0]?.resident }
            table.append(
                [rival.name] + ([rival.idle.resident] + loaded).map { $0.map { Figure.text(Double($0) / 1e6) } ?? "–" }
            )
        }
        return table.text
    }

    /// What the project promises of a fetch.
    private var goals: [Goal] {
        let rates = zip([16, 64, 1_000], [1.3, 1.3, 1.2]).map { connections, limit in
            rate(Pattern(connections: connections), atLeast: limit)
        }
        let new = Pattern.new.map { rate($0, atLeast: 0.9) }
        let crowd = Pattern(connections: 64)
        let cost = Goal(
            "processor time a request against the C server, \(crowd.title)",
            .atMost,
            1.25,
            measured: ratio(crowd, to: Rivals.limit, \.serverMicrosecondsPerRequest)
        )
        let tails = [16, 64].map { connections in
            let pattern = Pattern(connections: connections)
            return Goal(
                "p99 against nginx, \(pattern.title)",
                .atMost,
                1.25,
                measured: ratio(pattern, to: Rivals.nginx, \.p99)
            )
        }
        return rates + new + [cost] + tails
    }

    private func rate(_ pattern: Pattern, atLeast limit: Double) -> Goal {
        Goal(
            "requests/s against nginx, \(pattern.title)",
            .atLeast,
            limit,
            measured: ratio(pattern, to: Rivals.nginx, \.rate)
        )
    }

    private func ratio(_ pattern: Pattern, to rival: String, _ figure: (LoadReport) -> Double) -> Double {
        rounds.series(Rivals.broker, pattern, figure).ratio(to: rounds.series(rival, pattern, figure))
    }
}
