import NIOCore
import NIOHTTP1

/// Ends an answer with a status that nobody may send here before async-http-client, which traps on some, sees it.
///
/// Below 100 there are none (RFC 9110 §15), and 101 answers an upgrade that was never asked for.
final class StatusGuard: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart

    private var isEnded = false

    /// Puts a guard behind the decoder of `channel`, which is on the loop that this is called on.
    static func install(in channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self)
            try pipeline.addHandler(StatusGuard(), position: .after(decoder))
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isEnded else { return }
        if case .head(let head) = Self.unwrapInboundIn(data), head.status.code < 100 || head.status.code == 101 {
            isEnded = true
            context.fireErrorCaught(HTTPParserError.invalidStatus)
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(data)
    }
}
