import Benchmarking

/// A server that answers a request with a token, and what it is asked.
final class Rival {
    let name: String
    let socket: String
    let process: ChildProcess

    /// What becomes the load generator, whose path and arguments follow.
    let launcher: [String]

    /// The files that the load generator reads.
    let request: String
    let answer: String

    /// After the sample, and before anything else was asked.
    let idle: MemoryUse

    /// - Parameter sample: A whole answer.
    init(
        _ name: String,
        in room: Room,
        at socket: String,
        process: ChildProcess,
        launcher: [String] = [],
        asking request: [UInt8],
        sample: [UInt8]
    ) throws {
        self.name = name
        self.socket = socket
        self.process = process
        self.launcher = launcher
        let label = name.filter(\.isLetter)
        self.request = try room.write("\(label).request", String(decoding: request, as: UTF8.self))
        answer = try room.write("\(label).answer", String(decoding: sample, as: UTF8.self))
        idle = process.memory
    }

    /// Waits until a server that was just started takes connections.
    static func wait(for process: ChildProcess, at socket: String) throws {
        let isListening = try Pause.until(patience: .seconds(10)) {
            if let end = process.ended { throw BenchmarkFailure("\(process.name) ended with \(end.status)") }
            return Peer.unixSocket(socket).isListening
        }
        guard isListening else { throw BenchmarkFailure("\(process.name) does not listen at \(socket)") }
    }
}
