import LocalAPI
import LocalServer

/// A connection on which anything happens at any moment that the server lets happen, as the script says.
struct UnrulyRun {
    private var connection: ConnectionRun
    private var sent = 0
    private var lastNumber: UInt32 = 0
    private var wasRefused = false
    private var isClosed = false

    /// As many as most scripts need to their end.
    private static let events = 48

    init(_ input: RequestInput) { connection = ConnectionRun(input, pieces: .whole) }

    var violations: [String] { connection.violations }

    /// Lets everything happen, then all deadlines pass.
    mutating func run() {
        for number in 0..<Self.events where !isClosed {
            let decision = connection.input.decision(number)
            happen(decision &+ UInt8(truncatingIfNeeded: number / connection.input.script.count) &* 31)
            ask()
        }
        for _ in 0..<4 where !isClosed {
            guard let deadline = connection.machine.deadline else { break }
            connection.now = max(connection.now, deadline)
            connection.machine.deadlinePassed()
            ask()
        }
        if !isClosed, connection.machine.deadline != nil { connection.violations.append("deadlines do not end it") }
    }

    private mutating func happen(_ decision: UInt8) {
        let number = connection.machine.requestNumber
        switch decision % 16 {
        case 0...3:
            guard connection.machine.wantsToRead else { return }
            let piece = connection.input.stream[min(sent, connection.input.stream.count)...].prefix(
                1 + Int(decision) * 40
            )
            sent += piece.count
            if piece.isEmpty {
                connection.machine.receivedEnd()
            } else {
                connection.machine.received(piece.span, now: connection.now)
            }
        case 4, 5:
            connection.machine.answered(ConnectionRun.answer(to: Int(number), isLarge: decision > 128), to: number)
        case 6, 7: write(1 + Int(decision) * 16)
        case 8: write(.max)
        case 9: connection.machine.streamBegan(contentType: "text/plain", isWhole: decision > 128, of: number)
        case 10: connection.machine.streamed(ConnectionRun.answer(to: Int(number), isLarge: decision > 128), of: number)
        case 11: connection.machine.streamEnded(of: number)
        case 12:
            if decision > 128 { connection.machine.streamBroken(of: number) } else { connection.machine.receivedEnd() }
        case 13:
            if decision > 128 {
                connection.machine.refuse(APIError(.tooManyRequests, "too much"))
                wasRefused = true
            } else {
                connection.machine.beginDrain()
            }
        case 14:
            guard let deadline = connection.machine.deadline else { return }
            connection.now = max(connection.now, deadline)
            connection.machine.deadlinePassed()
        default: connection.now += .milliseconds(Int(decision))
        }
        connection.checkBounds()
    }

    private mutating func write(_ most: Int) {
        connection.machine.wrote(min(most, connection.machine.unsentBytes), now: connection.now)
    }

    /// Asks as the server does: until there is something to wait for.
    private mutating func ask() {
        for _ in 0..<8 {
            switch connection.machine.next() {
            case .handle:
                if connection.machine.hasOutput {
                    connection.violations.append("a request is handed over before an answer is taken")
                }
                if wasRefused { connection.violations.append("a request is handed over after a refusal") }
                if connection.machine.requestNumber != lastNumber + 1 {
                    connection.violations.append("requests are counted wrongly")
                }
                lastNumber = connection.machine.requestNumber
            case .shutDownWriting:
                break
            case .close:
                isClosed = true
                return
            case .wait:
                connection.checkWait()
                return
            }
        }
        connection.violations.append("it spins")
    }
}
