import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A listening socket on loopback with its connections.
final class Listener: Sendable {
    typealias Connections = NIOAsyncChannel<NIOAsyncChannel<HTTPServerRequestPart, ByteBuffer>, Never>

    /// As many as the kernel's own default, so that a burst of a benchmark is not refused.
    static let backlog: Int32 = 4_096

    let port: Int
    private let channel: any Channel
    private let serving: Task<Void, Never>
    private let others: [any Channel]

    private init(_ channel: any Channel, serving: Task<Void, Never>) {
        port = channel.localAddress?.port ?? 0
        self.channel = channel
        self.serving = serving
        others = []
    }

    /// One that serves nobody; `others` end with it.
    init(_ channel: any Channel, ending others: [any Channel] = []) {
        port = channel.localAddress?.port ?? 0
        self.channel = channel
        serving = Task {}
        self.others = others
    }

    /// Below what Linux gives out by itself, so that in an outage nobody takes the port of a server that is to return.
    private static let ownPorts = 10_000..<32_000

    /// The port that this process gave out last: each once, from where no other process is likely to begin.
    private static let lastPort = Mutex(Int.random(in: ownPorts))

    private static func nextPort() -> Int {
        lastPort.withLock { last in
            last = last + 1 < ownPorts.upperBound ? last + 1 : ownPorts.lowerBound
            return last
        }
    }

    /// Listens on `port` of 127.0.0.1, or on a free one when it is 0; accepts nothing before `serve`.
    static func bind(port: Int, tls: ServerTLS?) async throws -> Connections {
        guard port == 0 else { return try await whileTaken { try await open(port, tls) } }
        for _ in 0..<100 {
            if let bound = try? await open(nextPort(), tls) { return bound }
        }
        return try await open(0, tls)
    }

    /// How often a port that is taken is tried, each time after a hundredth of a second.
    private static let takenPortAttempts = 200

    /// Tries again for a while when a port is taken: a program that this process starts at the same time holds its sockets
    /// until it is the program, those that were closed here since too.
    static func whileTaken<Bound>(_ bind: () async throws -> Bound) async throws -> Bound {
        for _ in 0..<takenPortAttempts {
            do {
                return try await bind()
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        return try await bind()
    }

    private static func open(_ port: Int, _ tls: ServerTLS?) async throws -> Connections {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(tls.handler()) }
                    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
                    return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                }
            }
    }

    /// Serves the connections of `bound`, each by a call of `serve`, until `close`.
    static func start(
        _ bound: Connections,
        serve: @escaping @Sendable (NIOAsyncChannel<HTTPServerRequestPart, ByteBuffer>) async -> Void
    ) -> Listener {
        let serving = Task {
            await withDiscardingTaskGroup { connections in
                // What ends the listening ends it; the connections are ended by the cancellation.
                try? await bound.executeThenClose { inbound in
                    for try await connection in inbound {
                        connections.addTask { await serve(connection) }
                    }
                }
                connections.cancelAll()
            }
        }
        return Listener(bound.channel, serving: serving)
    }

    /// Refuses new connections, ends those there are, and returns when all have ended.
    func close() async {
        // Closed already is as good. What was accepted before is still served, and then cancelled: a cancellation of the
        // whole would drop connections that nobody has taken up, which NIO takes for a programming error.
        try? await channel.close()
        for other in others { try? await other.close() }
        await serving.value
    }
}
