import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import OAuth2

/// A request to be sent, perhaps several times before it is.
struct OutgoingRequest: Sendable {
    let method: HTTPMethod
    let url: EndpointURL
    var headers: HTTPHeaders
    var body: Secret?
    var connection = ConnectionUse.pooled

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
                let bytes = ByteBuffer(bytes: body.exposedBytes())
                return .stream(contentLength: Int64(bytes.readableBytes)) { writer in
                    collector.willWriteBody()
                    return writer.write(.byteBuffer(bytes))
                }
            }
        )
    }
}
