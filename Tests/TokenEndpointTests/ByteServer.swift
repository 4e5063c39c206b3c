import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A server on loopback that answers every request with given bytes, be they HTTP or not.
final class ByteServer: Sendable {
    /// What every request is answered with.
    struct Answer: Sendable {
        /// Each goes out by itself.
        var writes: [[UInt8]] = []

        /// Whether the connection's end follows.
        var closes = true
    }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, ByteBuffer>

    private let answer = Mutex(Answer())
    private let channel: any Channel
    private let serving = Mutex(Task<Void, Never>?.none)

    let endpoint: String

    static func start() async throws -> ByteServer {
        let bound = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        return ByteServer(bound)
    }

    private init(_ bound: NIOAsyncChannel<Connection, Never>) {
        channel = bound.channel
        endpoint = "http://127.0.0.1:\(bound.channel.localAddress?.port ?? 0)/token"
        serving.withLock {
            $0 = Task { [self] in
                await withDiscardingTaskGroup { connections in
                    try? await bound.executeThenClose { inbound in
                        for try await connection in inbound { connections.addTask { await self.serve(connection) } }
                    }
                    connections.cancelAll()
                }
            }
        }
    }

    private func serve(_ connection: Connection) async {
        // However a connection ends, the client says what it made of it.
        try? await connection.executeThenClose { inbound, outbound in
            for try await case .end in inbound {
                let answer = answer.withLock { $0 }
                for write in answer.writes { try await outbound.write(ByteBuffer(bytes: write)) }
                if answer.closes { return }
            }
        }
    }

    /// Answers from now on with `bytes` in writes of `size` each.
    func answer(_ bytes: some Collection<UInt8>, inWritesOf size: Int = .max, closes: Bool) {
        var writes: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            writes.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        answer.withLock { $0 = Answer(writes: writes, closes: closes) }
    }

    func stop() async {
        try? await channel.close()
        await serving.withLock { $0 }?.value
    }
}

/// Runs `body` with a client and such a server, both ended afterwards.
func withByteServer(_ body: (Wire, ByteServer) async throws -> Void) async throws {
    let server = try await ByteServer.start()
    try await withWire { wire, _ in try await body(wire, server) }
    await server.stop()
}
