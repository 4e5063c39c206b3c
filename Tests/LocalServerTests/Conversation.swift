import LocalAPI

@testable import LocalServer

/// A machine and a clock that stands until it is told to go.
struct Conversation {
    var machine: ConnectionMachine
    var now: Duration = .seconds(100)

    init(limits: ServerLimits = ServerLimits()) { machine = ConnectionMachine(limits: limits, now: now) }

    mutating func hears(_ text: String) -> ConnectionMachine.Step {
        machine.received(text.utf8.span, now: now)
        return machine.next()
    }

    mutating func hearsEnd() -> ConnectionMachine.Step {
        machine.receivedEnd()
        return machine.next()
    }

    mutating func answers(_ text: String, to number: UInt32? = nil) {
        machine.answered(Array(text.utf8), to: number ?? machine.requestNumber)
    }

    /// What the machine has to say, up to `count` bytes, which the peer takes.
    mutating func says(_ count: Int = .max) -> String {
        let text = unsafe machine.withPendingOutput { unsafe String(decoding: $0.prefix(count), as: UTF8.self) }
        machine.wrote(text.utf8.count, now: now)
        return text
    }

    /// The status of the refusal that the machine has to say.
    mutating func saysStatus() -> Int? { says().split(separator: " ").dropFirst().first.flatMap { Int($0) } }
}
