import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import OAuth2
import Synchronization

/// A request to be sent, perhaps several times before it is.
struct OutgoingRequest: Sendable {
    let method: HTTPMethod
    let url: EndpointURL
    var headers: HTTPHeaders
    var body: Secret?
    var connection = ConnectionUse.pooled

    /// Whether it is sent to its end whatever becomes of the calling task.
    var isUninterrupted = false

    /// Called, on the loop of the connection, when the kernel has the body.
    var onSending: @Sendable () -> Void = {}

    /// The request for the library, which tells `collector` when the body leaves our hands.
    func request(telling collector: AnswerCollector) throws -> HTTPClient.Request {
        var headers = headers
        if connection == .fresh { headers.replaceOrAdd(name: "Connection", value: "close") }
        return try HTTPClient.Request(
            url: url.text,
            method: method,
            headers: headers,
            body: body.map { body in
                let sent = SentBody(body)
                return .stream(contentLength: Int64(body.count)) { writer in
                    collector.willWriteBody()
                    return writer.write(.byteBuffer(sent.buffer))
                }
            }
        )
    }
}

/// A request's body as the library takes it; wiped when the request goes, by when the library has let go of it.
private final class SentBody: Sendable {
    private let bytes: Mutex<ByteBuffer>

    var buffer: ByteBuffer { bytes.withLock { $0 } }

    init(_ body: Secret) {
        let buffer = body.withBytes { span in unsafe span.withUnsafeBufferPointer { unsafe ByteBuffer(bytes: $0) } }
        bytes = Mutex(buffer)
    }

    deinit {
        bytes.withLock { buffer in
            for index in buffer.readerIndex..<buffer.writerIndex { buffer.setInteger(UInt8(0), at: index) }
        }
    }
}
