internal import Synchronization

/// Answers one request, from whichever thread; an answer to a connection that is gone is dropped.
package struct Responder: Sendable {
    let connection: ConnectionID
    let inbox: Inbox

    /// Sends the answer.
    package func send(_ response: HTTPResponse) { sendPrerendered(response.bytes) }

    /// Sends an answer whose head and body are bytes already.
    package func sendPrerendered(_ bytes: [UInt8]) { inbox.post(.answer(connection, bytes)) }

    /// Begins an answer of unknown length (chunked, RFC 9112 §7.1); `endStream` ends it and the connection.
    package func beginStream(contentType: String) {
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: \(contentType)\r\nCache-Control: no-store\r\n"
            + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        inbox.post(.stream(connection, Array(head.utf8)))
    }

    /// Adds `bytes`, which are not empty, to the stream.
    package func sendChunk(_ bytes: [UInt8]) {
        inbox.post(
            .stream(connection, Array(String(bytes.count, radix: 16).utf8) + [0x0D, 0x0A] + bytes + [0x0D, 0x0A])
        )
    }

    package func endStream() { inbox.post(.endStream(connection, Array("0\r\n\r\n".utf8))) }
}

/// What the server's thread is told by others, and by what it calls itself.
final class Inbox: Sendable {
    enum Message: Sendable {
        case answer(ConnectionID, [UInt8])
        case stream(ConnectionID, [UInt8])
        case endStream(ConnectionID, [UInt8])
        case beginDrain
        case wake
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

    func take() -> [Message] {
        state.withLock { state in
            let messages = state.messages
            state.messages = []
            return messages
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
