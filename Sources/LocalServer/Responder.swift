internal import Synchronization

/// Answers one request, from whichever thread.
///
/// The first answer counts; one to a connection that is gone is dropped.
package struct Responder: Sendable {
    let exchange: Exchange
    /// Whether the connection ends with this answer.
    let closes: Bool
    let inbox: Inbox

    /// Sends the answer.
    package func send(_ response: HTTPResponse) { sendPrerendered(response.bytes(closing: closes)) }

    /// Sends an answer whose head and body are bytes already.
    package func sendPrerendered(_ bytes: [UInt8]) { inbox.post(.answer(exchange, bytes)) }

    /// Begins an answer of unknown length; `endStream` ends it and the connection.
    ///
    /// - Parameter isWhole: Whether it is worth nothing without its end, so that a server that stops breaks it off.
    package func beginStream(contentType: String, isWhole: Bool = false) {
        inbox.post(.beginStream(exchange, contentType: contentType, isWhole: isWhole))
    }

    /// Adds `bytes` to the stream; one whose reader is too far behind is cut off.
    package func sendChunk(_ bytes: [UInt8]) { inbox.post(.chunk(exchange, bytes)) }

    /// Adds `bytes` to the stream and waits until its reader has taken them; false when nobody reads any more.
    package func sendChunkAndWait(_ bytes: [UInt8]) async -> Bool {
        await withCheckedContinuation { continuation in
            inbox.post(.awaitedChunk(exchange, bytes) { continuation.resume(returning: $0) })
        }
    }

    /// Breaks the stream off, so that its reader misses the end.
    package func breakStreamOff() { inbox.post(.breakStreamOff(exchange)) }

    /// Ends the stream, and the connection once all of it is sent.
    package func endStream() { inbox.post(.endStream(exchange)) }
}

/// One request on one connection.
struct Exchange: Sendable, Hashable {
    let connection: ConnectionID
    /// Counts the connection's requests.
    let number: UInt32
}

/// What the server's thread is told by others, and by what it calls itself.
final class Inbox: Sendable {
    enum Message: Sendable {
        case answer(Exchange, [UInt8])
        case beginStream(Exchange, contentType: String, isWhole: Bool)
        case chunk(Exchange, [UInt8])
        /// Tells whether the peer took it.
        case awaitedChunk(Exchange, [UInt8], taken: @Sendable (Bool) -> Void)
        case breakStreamOff(Exchange)
        case endStream(Exchange)
        case beginDrain
        case wake

        /// Overwrites the bytes that it brings.
        mutating func wipe() {
            var message = Message.wake
            swap(&self, &message)
            switch consume message {
            case .answer(_, var bytes), .chunk(_, var bytes), .awaitedChunk(_, var bytes, _): bytes.wipe()
            case .beginStream, .breakStreamOff, .endStream, .beginDrain, .wake: break
            }
        }
    }

    private let messages = Mutex<[Message]>([])
    /// Whether there are messages, for a thread that looks many times before it finds one.
    private let isFilled = Atomic(false)
    /// While the thread works it looks into the inbox before it sleeps, and needs no ring.
    private let isAsleep = Atomic(false)
    private let ring: @Sendable () -> Void

    init(ring: @escaping @Sendable () -> Void) { self.ring = ring }

    func post(_ message: Message) {
        messages.withLock { messages in
            messages.append(message)
            isFilled.store(true, ordering: .sequentiallyConsistent)
        }
        // Of this and `fallAsleep` at once, one sees what the other wrote.
        if isAsleep.exchange(false, ordering: .sequentiallyConsistent) { ring() }
    }

    /// Exchanges the messages for an empty array, whose room the next ones use.
    func take(into emptied: inout [Message]) {
        messages.withLock { messages in
            swap(&messages, &emptied)
            isFilled.store(false, ordering: .sequentiallyConsistent)
        }
    }

    deinit {
        // Posted when the thread had ended already.
        messages.withLock { messages in
            for index in messages.indices { messages[index].wipe() }
        }
    }

    var isEmpty: Bool { !isFilled.load(ordering: .acquiring) }

    /// Returns false when there is something to do first.
    func fallAsleep() -> Bool {
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        guard isFilled.load(ordering: .sequentiallyConsistent) else { return true }
        wakeUp()
        return false
    }

    func wakeUp() { isAsleep.store(false, ordering: .relaxed) }
}
