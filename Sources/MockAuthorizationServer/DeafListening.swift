import NIOCore
import NIOPosix

/// What a server does with connections instead of serving them.
package enum DeafListening: Sendable, CaseIterable {
    /// Lets the kernel accept them, and reads nothing.
    case ignoring

    /// Has no room for them: the kernel drops what would open them, as a firewall does.
    case full

    /// Resets (RST) each at the first bytes that come on it.
    case resetting
}

extension Listener {
    /// Listens on `port` of 127.0.0.1 without serving.
    static func bind(port: Int, _ manner: DeafListening) async throws -> Listener {
        let group = MultiThreadedEventLoopGroup.singleton
        // Linux lets one connection more wait than the backlog says: the one that fills it.
        let room: Int32 = manner == .full ? 0 : backlog
        let channel = try await whileTaken {
            try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: room)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelOption(.autoRead, value: manner == .resetting)
                .childChannelInitializer { connection in
                    connection.resetAtClose().flatMapThrowing {
                        try connection.pipeline.syncOperations.addHandler(ResettingHandler())
                    }
                }
                .bind(host: "127.0.0.1", port: port).get()
        }
        guard manner == .full else { return Listener(channel) }
        do {
            let filler = try await ClientBootstrap(group: group).connect(host: "127.0.0.1", port: port).get()
            return Listener(channel, ending: [filler])
        } catch {
            try? await channel.close()
            throw error
        }
    }
}

/// Closes a connection at the first bytes.
private final class ResettingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.close(promise: nil) }
}
