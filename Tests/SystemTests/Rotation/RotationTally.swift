import MockAuthorizationServer
import Testing

/// What became of clients over many deaths of their daemon.
struct RotationTally: Sendable {
    private struct Line: Sendable {
        var kills = 0
        var fates: [RotationRound.Fate: Int] = [:]
    }

    let policy: ReplayPolicy
    private var lines: [(death: String, line: Line)] = []

    init(_ policy: ReplayPolicy) { self.policy = policy }

    /// Adds a round, and records as an issue what is wrong with it.
    mutating func add(_ round: RotationRound, _ reports: [RotationRound.Report]) {
        var line = Line(kills: 1)
        for report in reports {
            line.fates[report.fate, default: 0] += 1
            let breaches = report.breaches.joined(separator: "\n")
            #expect(
                report.breaches.isEmpty,
                "killed \(round.death)\n\(breaches)\n\(round.rotation.evidence(report.client))"
            )
        }
        add(line, to: "\(round.death)")
    }

    /// Adds what another one counted.
    mutating func add(_ other: RotationTally) {
        for (death, line) in other.lines { add(line, to: death) }
    }

    private mutating func add(_ more: Line, to death: String) {
        guard let index = lines.firstIndex(where: { $0.death == death }) else { return lines.append((death, more)) }
        lines[index].line.kills += more.kills
        lines[index].line.fates.merge(more.fates, uniquingKeysWith: +)
    }

    var kills: Int { lines.reduce(0) { $0 + $1.line.kills } }

    func count(_ fate: RotationRound.Fate) -> Int { lines.reduce(0) { $0 + $1.line.fates[fate, default: 0] } }

    /// Says it on standard output, a line for each way to die.
    func tell() {
        for (death, line) in lines {
            let told = line.fates[.told, default: 0]
            print(
                "\(policy.testDescription), killed \(death): \(line.kills) kills; of the clients "
                    + "\(line.fates[.survived, default: 0]) survived, \(told) told"
            )
        }
    }
}
