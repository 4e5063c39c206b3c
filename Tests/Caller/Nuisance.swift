import Glibc

/// A user who holds connections that are no good to anybody, for as long as standard input is open.
struct Nuisance {
    private enum Habit: CaseIterable {
        /// 14 bytes of a request, and no more.
        case partial
        /// A byte of a request a second.
        case slow
        /// As many requests as fit, and no answer read.
        case deaf
        /// The same, with its own direction shut.
        case halfClosed
        /// Nothing that could become a request.
        case garbage
    }

    private struct Held {
        let habit: Habit
        var connection: Connection
        var sent = 0
    }

    private let path: String
    private var hostile: [Held] = []
    private var idle: [Connection]
    private let refused: Int

    private static let partial = Array("GET /v1/token/".utf8)
    private static let whole = Array("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
    private static let garbage: [UInt8] = [0, 0xFF, 0x0D, 0x0A, 0x16, 0x03, 0x01] + Array(repeating: 0x80, count: 57)

    /// A second: what the broker closes is opened again no faster, or the machine would be busy with that alone.
    private static let beat: Int32 = 1_000

    /// Opens `hostile` connections, of every habit as many, and `idle` ones, of which the broker may refuse some.
    init(on path: String, hostile: Int, idle: Int) throws(Failure) {
        self.path = path
        for number in 0..<hostile {
            let habit = Habit.allCases[number % Habit.allCases.count]
            self.hostile.append(try Self.open(habit, on: path))
        }
        var opened: [Connection] = []
        for _ in 0..<idle { opened.append(try Connection(to: path)) }
        // Connections are accepted in their order: with this one told something, all those before it have been, too.
        let last = try Connection(to: path)
        _ = last.send(Self.whole)
        var byte: UInt8 = 0
        _ = unsafe recv(last.descriptor, &byte, 1, 0)
        last.close()
        // Nobody says anything to an idle connection but that it is one too many.
        let isRefused = try Self.poll(opened, for: POLLIN).map { $0 != 0 }
        for (connection, isRefused) in zip(opened, isRefused) where isRefused { connection.close() }
        self.idle = zip(opened, isRefused).compactMap { $0.1 ? nil : $0.0 }
        refused = isRefused.count { $0 }
    }

    /// Says how many idle connections it holds, and goes on until standard input ends.
    mutating func hold() throws(Failure) {
        say("{\"idle\":\(idle.count),\"refused\":\(refused)}\n")
        while try !isOver() {
            let ended = try Self.poll(hostile.map(\.connection), for: 0).map { $0 != 0 }
            for index in hostile.indices {
                if ended[index] {
                    hostile[index].connection.close()
                    hostile[index] = try Self.open(hostile[index].habit, on: path)
                } else if hostile[index].habit == .slow {
                    hostile[index].sent += 1
                    _ = hostile[index].connection.send([Self.whole[hostile[index].sent % Self.whole.count]])
                }
            }
        }
    }

    private func isOver() throws(Failure) -> Bool {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return unsafe Glibc.poll(&input, 1, Self.beat) != 0
    }

    private static func open(_ habit: Habit, on path: String) throws(Failure) -> Held {
        let connection = try Connection(to: path)
        let flags = fcntl(connection.descriptor, F_GETFL)
        guard fcntl(connection.descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else { throw .last("fcntl") }
        switch habit {
        case .partial: _ = connection.send(partial)
        case .slow: _ = connection.send([whole[0]])
        case .deaf, .halfClosed:
            while connection.send(whole) == whole.count {}
            if habit == .halfClosed { shutdown(connection.descriptor, Int32(SHUT_WR)) }
        case .garbage: _ = connection.send(garbage)
        }
        return Held(habit: habit, connection: connection)
    }

    /// What stands on each; an end stands there, whatever is asked for.
    private static func poll(_ connections: [Connection], for events: Int32) throws(Failure) -> [Int16] {
        var descriptors = connections.map { pollfd(fd: $0.descriptor, events: Int16(events), revents: 0) }
        guard unsafe Glibc.poll(&descriptors, nfds_t(descriptors.count), 0) >= 0 else { throw .last("poll") }
        return descriptors.map(\.revents)
    }
}
