import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// An answer beyond the size limit.
struct AnswerTooLarge: Error {}

/// Collects one answer, bounded, and knows whether the request went out.
final class AnswerCollector: HTTPClientResponseDelegate {
    /// What came back.
    struct Collected: Sendable {
        var status = 0
        var headers: [(name: String, value: String)] = []
        var body: [UInt8] = []
    }

    /// 1 MiB: a thousand times a token response, and little enough to hold for every request under way.
    static let maximumBody = 1 << 20

    private struct State {
        var collected = Collected()
        var isSent = false
    }

    private let state = Mutex(State())

    /// Whether the whole request was handed to the kernel, so that the server may have acted on it.
    var isSent: Bool { state.withLock { $0.isSent } }

    // The body is written in one part, behind the head.
    func didSendRequestPart(task: HTTPClient.Task<Collected>, _ part: IOData) {
        state.withLock { $0.isSent = true }
    }

    // For a request without a body.
    func didSendRequest(task: HTTPClient.Task<Collected>) {
        state.withLock { $0.isSent = true }
    }

    func didReceiveHead(task: HTTPClient.Task<Collected>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        if let stated = head.headers.first(name: "Content-Length").flatMap({ Int($0) }),
            stated > AnswerCollector.maximumBody
        {
            return task.eventLoop.makeFailedFuture(AnswerTooLarge())
        }
        state.withLock { state in
            state.isSent = true
            state.collected.status = Int(head.status.code)
            state.collected.headers = head.headers.map { ($0.name, $0.value) }
        }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Collected>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        let isTooLarge = state.withLock { state in
            guard state.collected.body.count + buffer.readableBytes <= AnswerCollector.maximumBody else { return true }
            state.collected.body += buffer.readableBytesView
            return false
        }
        return isTooLarge
            ? task.eventLoop.makeFailedFuture(AnswerTooLarge()) : task.eventLoop.makeSucceededVoidFuture()
    }

    func didFinishRequest(task: HTTPClient.Task<Collected>) -> Collected {
        state.withLock { $0.collected }
    }
}
