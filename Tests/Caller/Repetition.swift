import Glibc

/// One request over and over, each on a connection of its own, until standard input ends and it was made often enough.
struct Repetition {
    private let request: Request
    private let path: String

    /// How often each status was answered.
    private var statuses: [Int: Int] = [:]
    private var count = 0

    /// Connections that were not taken.
    private var refused = 0

    /// Connections that were taken and ended without an answer.
    private var unanswered = 0
    private var lastFailure: Failure?

    init(_ request: Request, on path: String) {
        self.request = request
        self.path = path
    }

    /// Says the first status, and in the end what came of all.
    mutating func run(atLeast least: Int) {
        while count < least || !isOver() {
            count += 1
            ask()
            if count == 1 { say("\(statuses.keys.first ?? 0)\n") }
        }
        say(summary + "\n")
    }

    private mutating func ask() {
        let connection: Connection
        do throws(Failure) {
            connection = try Connection(to: path)
        } catch {
            refused += 1
            lastFailure = error
            return
        }
        defer { connection.close() }
        do throws(Failure) {
            statuses[try connection.exchange(request).status, default: 0] += 1
        } catch {
            unanswered += 1
            lastFailure = error
        }
    }

    private var summary: String {
        let statuses = statuses.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
        return """
            {"statuses":{\(statuses.joined(separator: ","))},"refused":\(refused),"unanswered":\(unanswered),\
            "failure":"\(lastFailure?.description ?? "")"}
            """
    }

    private func isOver() -> Bool {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&input, 1, 0) != 0
    }
}
