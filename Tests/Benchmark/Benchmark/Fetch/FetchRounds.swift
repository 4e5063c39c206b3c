import Benchmarking
import Foundation

/// What every rival was seen to do, round by round.
struct FetchRounds {
    private let rivals: [Rival]
    private let isQuick: Bool
    private var reports: [Key: [LoadReport]] = [:]
    private(set) var memory: [String: [Int: MemoryUse]] = [:]

    private struct Key: Hashable {
        let rival: String
        let pattern: Pattern
    }

    /// In milliseconds, long enough for tens of thousands of requests.
    private static let measured = (full: 600, quick: 20)
    private static let warmUp = (full: 80, quick: 5)
    private static let rounds = (full: 11, quick: 1)

    /// The numbers of connections for which memory is looked at.
    static let memoryConnections = [64, 1_000]

    init(of rivals: [Rival], quick isQuick: Bool) {
        self.rivals = rivals
        self.isQuick = isQuick
    }

    /// All rounds: in each, every pattern with every rival in turn, and another one first each time.
    mutating func run() throws {
        let rounds = isQuick ? Self.rounds.quick : Self.rounds.full
        for round in 0..<rounds {
            FileHandle.standardError.write(Data("round \(round + 1) of \(rounds)\n".utf8))
            for pattern in Pattern.kept + Pattern.new {
                for place in rivals.indices {
                    let rival = rivals[(place + round) % rivals.count]
                    if rival.name == Rivals.brokerByUnit, !Pattern.byUnit.contains(pattern) { continue }
                    let generator = try start(pattern, against: rival)
                    reports[Key(rival: rival.name, pattern: pattern), default: []].append(try report(of: generator))
                }
            }
        }
        for rival in rivals where rival.name != Rivals.brokerByUnit {
            for connections in Self.memoryConnections {
                let generator = try start(Pattern(connections: connections), against: rival)
                Pause.lasting(.milliseconds(isQuick ? 10 : 300))
                memory[rival.name, default: [:]][connections] = rival.process.memory
                _ = try report(of: generator)
            }
        }
    }

    private func start(_ pattern: Pattern, against rival: Rival) throws -> ChildProcess {
        var command = rival.launcher + [Binaries.path("load-generator"), rival.socket]
        command += ["--request", rival.request, "--answer", rival.answer]
        command += ["--connections", String(pattern.connections)] + (pattern.reconnects ? ["--reconnect"] : [])
        command += ["--warm-up-milliseconds", String(isQuick ? Self.warmUp.quick : Self.warmUp.full)]
        command += ["--milliseconds", String(isQuick ? Self.measured.quick : Self.measured.full)]
        command += rival.process.family.flatMap { ["--process", String($0)] }
        return try ChildProcess(
            command[0],
            Array(command.dropFirst()),
            processor: Processors.asking,
            output: .pipe
        )
    }

    private func report(of generator: ChildProcess) throws -> LoadReport {
        let text = generator.readAll()
        guard generator.wait().status == 0 else { throw BenchmarkFailure("the load generator failed") }
        return try JSONDecoder().decode(LoadReport.self, from: Data(text.utf8))
    }

    /// A figure of each round; none where it was not measured.
    func series(_ rival: String, _ pattern: Pattern, _ figure: (LoadReport) -> Double) -> Series {
        Series((reports[Key(rival: rival, pattern: pattern)] ?? []).map(figure))
    }
}
