import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// What goes back on a connection, and what is done to it on the way.
struct Reply: Sendable {
    var response: HTTPResponse
    var fault: ConnectionFault?
}

/// One connection of a client: requests in, replies out, in their order.
struct Connection: Sendable {
    /// Ten times what a token request needs.
    private static let maximumBody = 1 << 20

    /// Ten bytes a second, slower than any client's patience.
    private static let trickleInterval = Duration.milliseconds(100)

    private enum Continuation { case nextRequest, awaitEnd, end }

    let number: Int

    /// What the handshake asks of the client; nil when there is none, or nothing is asked.
    var clientCertificates: ClientCertificates?
    let channel: NIOAsyncChannel<HTTPServerRequestPart, ByteBuffer>

    /// Serves until the client or a fault ends the connection, or the task is cancelled.
    func serve(_ reply: @escaping @Sendable (HTTPRequest) async throws -> Reply) async {
        // However a connection ends, nobody is left to tell.
        try? await channel.executeThenClose { inbound, outbound in
            var head: HTTPRequestHead?
            var body: [UInt8] = []
            var isEnding = false
            var certificate: SeenCertificate?
            for try await part in inbound where !isEnding {
                switch part {
                case .head(let received):
                    head = received
                    body = []
                    if received.headers["Expect"].contains(where: { $0.lowercased() == "100-continue" }) {
                        try await outbound.write(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))
                    }
                case .body(let bytes):
                    body += bytes.readableBytesView
                    guard body.count <= Connection.maximumBody else { return }
                case .end:
                    guard let complete = head else { return }
                    // Before a request has come, the handshake need not be over.
                    if certificate == nil { certificate = await peerCertificate() }
                    let answer = try await reply(request(complete, body: body, certificate: certificate))
                    switch try await send(answer, keepAlive: complete.isKeepAlive, through: outbound) {
                    case .nextRequest: continue
                    case .awaitEnd: isEnding = true
                    case .end: return
                    }
                }
            }
        }
    }

    private func peerCertificate() async -> SeenCertificate? {
        guard let clientCertificates else { return nil }
        let found = try? await channel.channel.nioSSL_peerCertificate().get()
        return found.flatMap { SeenCertificate($0, isVerified: clientCertificates.authority != nil) }
    }

    private func request(_ head: HTTPRequestHead, body: [UInt8], certificate: SeenCertificate?) -> HTTPRequest {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return HTTPRequest(
            method: head.method.rawValue,
            path: String(parts[0]),
            query: parts.count == 2 ? String(parts[1]) : "",
            headers: head.headers.map { ($0.name, $0.value) },
            body: body,
            connection: number,
            certificate: certificate
        )
    }

    private func send(
        _ reply: Reply,
        keepAlive: Bool,
        through outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws -> Continuation {
        let response = reply.response
        let head = Array(response.head(keepAlive: keepAlive || reply.fault == .closeAfterAnswer).utf8)
        switch reply.fault {
        case nil:
            try await outbound.write(ByteBuffer(bytes: head + response.body))
            return keepAlive ? .nextRequest : .end
        case .dropBeforeAnswer:
            return .end
        case .dropMidAnswer:
            try await outbound.write(ByteBuffer(bytes: head + response.body.prefix(response.body.count / 2)))
            return .end
        case .stallMidHead:
            try await outbound.write(ByteBuffer(bytes: head.prefix(head.count / 2)))
            return .awaitEnd
        case .stallMidAnswer:
            try await outbound.write(ByteBuffer(bytes: head + response.body.prefix(response.body.count / 2)))
            return .awaitEnd
        case .reset:
            try await channel.channel.resetAtClose().get()
            return .end
        case .resetMidAnswer:
            try await outbound.write(ByteBuffer(bytes: head + response.body.prefix(response.body.count / 2)))
            try await channel.channel.resetAtClose().get()
            return .end
        case .understated:
            var half = response
            half.body.removeLast(half.body.count / 2)
            try await outbound.write(ByteBuffer(bytes: Array(half.head(keepAlive: false).utf8) + response.body))
            return .end
        case .closeAfterAnswer:
            try await outbound.write(ByteBuffer(bytes: head + response.body))
            // Half of it, so that the client's own close is seen: tests wait for it.
            try await channel.channel.close(mode: .output)
            return .awaitEnd
        case .unsized:
            let head = response.head(keepAlive: false, sized: false)
            try await outbound.write(ByteBuffer(bytes: Array(head.utf8) + response.body))
            return .end
        case .trickle:
            for byte in head + response.body {
                try await outbound.write(ByteBuffer(bytes: [byte]))
                try await Task.sleep(for: Connection.trickleInterval)
            }
            return keepAlive ? .nextRequest : .end
        case .notHTTP:
            try await outbound.write(ByteBuffer(string: "220 mail.example.com ESMTP\r\n"))
            return .end
        }
    }
}

extension Channel {
    /// Lets the close that is to come send RST: that is what a linger time of 0 does (socket(7)).
    func resetAtClose() -> EventLoopFuture<Void> {
        (self as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            ?? eventLoop.makeSucceededVoidFuture()
    }
}
