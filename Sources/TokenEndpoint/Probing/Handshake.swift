import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import OAuth2
import Synchronization

/// A connection that is made to see whether it can be, and that nothing is sent on.
struct Handshake: Sendable {
    let url: EndpointURL

    /// For the whole of it.
    let timeout: TimeAmount

    /// What was seen of the server, once hands are shaken.
    struct Seen: Sendable {
        let roundTrip: Duration
        let certificate: NIOSSLCertificate?
    }

    /// Shakes hands as every request does; `context` is nil for a server without encryption.
    func perform(_ context: NIOSSLContext?, on group: any EventLoopGroup) async throws -> Seen {
        try await outcome(on: group) { [host] in
            try context.map { try NIOSSLClientHandler(context: $0, serverHostname: host) }
        }
    }

    /// The certificates that the server shows, its own first, whoever it may be: the handshake is broken off then.
    func certificates(_ context: NIOSSLContext, on group: any EventLoopGroup) async -> [NIOSSLCertificate] {
        let shown = Shown()
        _ = try? await outcome(on: group) { [host] in
            try NIOSSLClientHandler(context: context, serverHostname: host) {
                (certificates: [NIOSSLCertificate], verdict: EventLoopPromise<NIOSSLVerificationResult>) in
                shown.certificates.withLock { $0 = certificates }
                verdict.succeed(NIOSSLVerificationResult.failed)
            }
        }
        return shown.certificates.withLock { $0 }
    }

    private final class Shown: Sendable {
        let certificates = Mutex<[NIOSSLCertificate]>([])
    }

    /// An address is no name to ask for (RFC 6066 §3); the certificate is then held against the address itself.
    private var host: String? { (try? SocketAddress(ipAddress: url.host, port: 0)) == nil ? url.host : nil }

    private func outcome(
        on group: any EventLoopGroup,
        _ encryption: @escaping @Sendable () throws -> NIOSSLClientHandler?
    ) async throws -> Seen {
        let (outcomes, outcome) = AsyncStream<Result<Seen, any Error>>.makeStream()
        let connecting = ClientBootstrap(group: group)
            .connectTimeout(timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let encryption = try encryption()
                    if let encryption { try channel.pipeline.syncOperations.addHandler(encryption) }
                    try channel.pipeline.syncOperations.addHandler(Greeting(isEncrypted: encryption != nil, outcome))
                }
            }
            .connect(host: url.host, port: url.port)
        connecting.whenFailure { outcome.yield(.failure($0)) }
        let giveUp = group.next().scheduleTask(in: timeout) { [timeout] in
            outcome.yield(.failure(ChannelError.connectTimeout(timeout)))
        }
        defer {
            giveUp.cancel()
            // Of several addresses those that lost are closed by the library.
            connecting.whenSuccess { $0.close(promise: nil) }
        }
        for await result in outcomes { return try result.get() }
        throw CancellationError()
    }
}

/// Tells when hands are shaken, or why they are not.
private final class Greeting: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private let isEncrypted: Bool
    private let outcome: AsyncStream<Result<Handshake.Seen, any Error>>.Continuation
    private var began = NIODeadline.now()
    private var roundTrip = Duration.zero

    init(isEncrypted: Bool, _ outcome: AsyncStream<Result<Handshake.Seen, any Error>>.Continuation) {
        self.isEncrypted = isEncrypted
        self.outcome = outcome
    }

    // Once the name is resolved, so that what follows is the way to the server and back.
    func connect(context: ChannelHandlerContext, to address: SocketAddress, promise: EventLoopPromise<Void>?) {
        began = .now()
        context.connect(to: address, promise: promise)
    }

    func channelActive(context: ChannelHandlerContext) {
        roundTrip = .nanoseconds((NIODeadline.now() - began).nanoseconds)
        if !isEncrypted { outcome.yield(.success(Handshake.Seen(roundTrip: roundTrip, certificate: nil))) }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent {
            let encryption = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
            outcome.yield(
                .success(Handshake.Seen(roundTrip: roundTrip, certificate: encryption?.peerCertificate))
            )
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        outcome.yield(.failure(error))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // After whatever else was to be said of its end.
        outcome.yield(.failure(NIOSSLError.uncleanShutdown))
        context.fireChannelInactive()
    }
}
