import ArgumentParser
import Benchmarking
import Foundation
import LinuxHost

/// Asks a server over a Unix socket the same thing again and again, as fast as it answers.
@main
struct LoadGenerator: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load-generator",
        abstract: "Ask a server over a Unix socket the same thing again and again, as fast as it answers.",
        discussion: """
            Every connection has one request under way at any time. Each answer must be as long as the sample, and begin \
            with the same line; the first that is not ends it. What was seen is said in one line of JSON.
            """
    )

    @Argument(help: "Where the server listens.")
    var socket: String

    @Option(help: "The file with the bytes of a request.")
    var request: String

    @Option(help: "The file with the bytes of an answer.")
    var answer: String

    @Option(help: "How many requests are under way at once, each on a connection of its own.")
    var connections = 1

    @Flag(help: "Make a new connection for every request.")
    var reconnect = false

    @Option(help: "For how long to ask before anything is measured.")
    var warmUpMilliseconds = 100

    @Option(help: "For how long to measure.")
    var milliseconds = 1_000

    @Option(help: "A process of the server's, whose time on processors is told.")
    var process: [Int32] = []

    func validate() throws {
        guard (1...Self.mostConnections).contains(connections), milliseconds > 0, warmUpMilliseconds >= 0 else {
            throw ValidationError("--connections is 1 to \(Self.mostConnections), and --milliseconds more than 0.")
        }
    }

    private static let mostConnections = 10_000

    func run() throws {
        CurrentProcess.raiseDescriptorLimit()
        var load = try Load(
            on: socket,
            request: Array(try Data(contentsOf: URL(filePath: request))),
            sample: Array(try Data(contentsOf: URL(filePath: answer))),
            connections: connections,
            reconnects: reconnect
        )
        let clocks = process.compactMap(ProcessorClock.init)
        let report = try load.run(
            warmUp: UInt64(warmUpMilliseconds) * 1_000_000,
            measured: UInt64(milliseconds) * 1_000_000,
            clocks: clocks
        )
        print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
    }
}
