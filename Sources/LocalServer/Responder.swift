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

    private struct State {
        var messages: [Message] = []
        /// While the thread works it looks into the inbox before it sleeps, and needs no ring.
        var isAsleep = false
    }

    private let state = Mutex(State())
    private let ring: @Sendable () -> Void

    init(ring: @escaping @Sendable () -> Void) { self.ring = ring }

    func post(_ message: Message) {
        let mustRing = state.withLock { state in
            state.messages.append(message)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if mustRing { ring() }
    }

    /// Exchanges the messages for an empty array, whose room the next ones use.
    func take(into emptied: inout [Message]) {
        state.withLock { swap(&$0.messages, &emptied) }
    }

    deinit {
        // Posted when the thread had ended already.
        state.withLock { state in
            for index in state.messages.indices { state.messages[index].wipe() }
        }
    }

    var isEmpty: Bool { state.withLock { $0.messages.isEmpty } }

    /// Returns false when there is something to do first.
    func fallAsleep() -> Bool {
        state.withLock { state in
            guard state.messages.isEmpty else { return false }
            state.isAsleep = true
            return true
        }
    }

    func wakeUp() { state.withLock { $0.isAsleep = false } }
}
