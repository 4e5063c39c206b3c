internal import CLinux
internal import Glibc
internal import LinuxHost
internal import LocalAPI

extension EventLoop {
    /// Reads what a connection sent, until `forgetRead`; returns whether that is answered already.
    mutating func read(_ connection: Connection) -> Bool {
        let appetite = connection.machine.appetite
        if case .none = appetite { return false }
        switch connection.receive(into: &incoming) {
        case .bytes:
            if case .repetition = appetite {
                if repeats(connection) { return true }
                lone = connection
            }
            let now = now
            incoming.withBytes { connection.machine.received($0, now: now) }
        case .none:
            break
        case .foreign(let writer):
            if case .admitted = connection.standing {
                connection.wasHandled = true
                handler.writerDiffered(connection.caller, writer)
            }
        }
        return false
    }

    mutating func forgetRead() {
        incoming.wipe()
        lone = nil
    }

    /// Answers what was read, if the process asked for the same before; false when it is to be read as any other.
    private mutating func repeats(_ connection: Connection) -> Bool {
        guard let repetition = repetition(for: connection) else { return false }
        guard repetition.answer(connection.caller, now, &answer) else {
            answer.clear()
            connection.repetition = nil
            recent.remove(repetition)
            return false
        }
        incoming.wipe()
        connection.wasRepeated = true
        let (now, keepsAlive) = (now, repetition.keepsAlive)
        send(to: connection) { $0.answeredAgain(unsent: $1, keepsAlive: keepsAlive, now: now) }
        if !keepsAlive { pump(connection) }
        return true
    }

    private mutating func repetition(for connection: Connection) -> Repetition? {
        if let repetition = connection.repetition, incoming.holds(repetition.request) { return repetition }
        guard let repetition = recent.repetition(of: incoming, by: connection.caller, now: now) else { return nil }
        connection.repetition = repetition
        return repetition
    }

    /// Keeps who answers what was read when it comes again.
    private mutating func remember(_ again: @escaping RepeatedAnswer, keepsAlive: Bool, for connection: Connection) {
        guard incoming.count <= Repetition.longest else { return }
        let repetition = Repetition(
            of: incoming,
            keepsAlive: keepsAlive,
            by: connection.caller,
            at: now,
            answer: again
        )
        connection.repetition = repetition
        recent.insert(repetition)
    }

    /// Sends the answer that was written, and lets the machine `note` what the socket did not take.
    private mutating func send(to connection: Connection, note: (inout ConnectionMachine, Span<UInt8>) -> Void) {
        let taken = connection.send(answer)
        guard let taken else {
            answer.clear()
            return end(connection)
        }
        let isAllTaken = answer.withBytes(after: taken) { unsent in
            note(&connection.machine, unsent)
            return unsent.isEmpty
        }
        answer.clear()
        if !isAllTaken { watch(connection) }
    }

    /// Writes, asks and answers as far as it goes now, or for one turn.
    mutating func pump(_ connection: Connection) {
        pumped = connection
        defer { pumped = nil }
        var requests = 0
        while connections.contains(connection) {
            switch connection.flush(now: now) {
            case .done: connection.tellChunkTaken(true)
            case .blocked:
                if connection.machine.phase == .over { end(connection) } else { watch(connection) }
                return
            case .failed:
                end(connection)
                return
            }
            guard requests < Self.requestsPerTurn || !connection.machine.mayHaveRequest else {
                connection.isDeferred = true
                putInLine(connection)
                count(connection)
                return
            }
            switch connection.machine.next() {
            case .handle(let request):
                requests += 1
                handle(request, of: connection)
            case .shutDownWriting:
                shutdown(connection.descriptor, Int32(SHUT_WR))
            case .close:
                end(connection)
            case .wait:
                if connection.machine.hasOutput { continue }
                watch(connection)
                return
            }
        }
    }

    private mutating func handle(_ request: consuming HTTPRequest, of connection: Connection) {
        let exchange = Exchange(connection: connection.caller.connection, number: connection.machine.requestNumber)
        connection.wasHandled = true
        let reply = handler.handle(
            request,
            connection.caller,
            Responder(exchange: exchange, closes: !request.keepsAlive, inbox: inbox),
            &answer
        )
        request.body.wipe()
        if case .written(let again) = reply {
            // One with credentials has them in its bytes, and one with a body is no ordinary fetch.
            if lone === connection, request.method == .get, request.body.isEmpty, request.isOrdinary,
                connection.machine.heldBytes == 0
            {
                remember(again, keepsAlive: request.keepsAlive, for: connection)
            }
            let now = now
            send(to: connection) { $0.answered(unsent: $1, to: exchange.number, now: now) }
        } else {
            answer.clear()
        }
        lone = nil
        readInbox()
    }
}
