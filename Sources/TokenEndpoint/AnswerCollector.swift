import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import OAuth2
import Synchronization

/// An answer beyond the size limit.
struct AnswerTooLarge: Error {}

/// Collects one answer, bounded, and knows whether the request went out.
final class AnswerCollector: HTTPClientResponseDelegate {
    /// What came back.
    struct Collected: Sendable {
        var status: Int
        var headers: [(name: String, value: String)]
        /// It may grant a token.
        var body: Secret
    }

    /// 1 MiB: a thousand times a token response, and little enough to hold for every request under way.
    static let maximumBody = 1 << 20

    private struct State: ~Copyable {
        var status = 0
        var headers: [(name: String, value: String)] = []
        var body = SecretWriter()
        var mayBeSent = false
        var isWritten = false
    }

    private let state = Mutex(State())
    private let onSending: @Sendable () -> Void

    /// - Parameter onSending: Called once the kernel has the whole body.
    init(onSending: @escaping @Sendable () -> Void = {}) { self.onSending = onSending }

    /// Whether the kernel took the whole request, so that the server may have acted on it.
    ///
    /// Where it did not, it still may: under TLS a connection that is given up first writes what waits to be written.
    var isWritten: Bool { state.withLock { $0.isWritten } }

    /// Whether anything of the body may have been handed to the kernel; when not, it never will be.
    var mayBeSent: Bool { state.withLock { $0.mayBeSent } }

    // The library asks for the body once, when the head is written to a connection that is up, and never after it has
    // failed the request; it sends nothing of it before, and asks no second connection.
    func willWriteBody() {
        state.withLock { $0.mayBeSent = true }
    }

    // The body is written in one part, behind the head; this says that the kernel has all of it.
    func didSendRequestPart(task: HTTPClient.Task<Collected>, _ part: IOData) {
        didWrite()
        onSending()
    }

    // For a request without a body, where the head was written; whether the kernel has it is not said.
    func didSendRequest(task: HTTPClient.Task<Collected>) { didWrite() }

    private func didWrite() {
        state.withLock { state in
            state.mayBeSent = true
            state.isWritten = true
        }
    }

    func didReceiveHead(task: HTTPClient.Task<Collected>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        if let stated = head.headers.first(name: "Content-Length").flatMap({ Int($0) }),
            stated > AnswerCollector.maximumBody
        {
            return task.eventLoop.makeFailedFuture(AnswerTooLarge())
        }
        state.withLock { state in
            state.mayBeSent = true
            state.isWritten = true
            state.status = Int(head.status.code)
            state.headers = head.headers.map { ($0.name, $0.value) }
        }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Collected>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        let isTooLarge = state.withLock { state in
            guard state.body.count + buffer.readableBytes <= AnswerCollector.maximumBody else { return true }
            unsafe buffer.withUnsafeReadableBytes { unsafe state.body.append($0.bindMemory(to: UInt8.self).span) }
            return false
        }
        return isTooLarge
            ? task.eventLoop.makeFailedFuture(AnswerTooLarge()) : task.eventLoop.makeSucceededVoidFuture()
    }

    func didFinishRequest(task: HTTPClient.Task<Collected>) -> Collected {
        state.withLock { Collected(status: $0.status, headers: $0.headers, body: $0.body.secret()) }
    }
}
