import NIOCore
import NIOPosix
import Synchronization

/// An HTTP proxy that tunnels every CONNECT to one port of this machine, whatever name was asked for.
final class TestProxy: Sendable {
    private typealias Bytes = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    let port: Int
    private let state = Mutex<[String]>([])
    private let serving: Task<Void, Never>
    private let channel: any Channel

    /// The request lines received.
    var requests: [String] { state.withLock { $0 } }

    /// - Parameter target: Where tunnels lead; nil refuses them with 403.
    static func start(target: Int?) async throws -> TestProxy {
        let bound = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture { try Bytes(wrappingChannelSynchronously: channel) }
            }
        return TestProxy(bound, target: target)
    }

    private init(_ bound: NIOAsyncChannel<Bytes, Never>, target: Int?) {
        port = bound.channel.localAddress?.port ?? 0
        channel = bound.channel
        let (lines, record) = AsyncStream<String>.makeStream()
        serving = Task {
            await withDiscardingTaskGroup { tunnels in
                try? await bound.executeThenClose { connections in
                    for try await connection in connections {
                        tunnels.addTask { try? await TestProxy.serve(connection, target: target, record: record) }
                    }
                }
                tunnels.cancelAll()
            }
            record.finish()
        }
        Task { for await line in lines { state.withLock { $0.append(line) } } }
    }

    private static func serve(
        _ client: Bytes,
        target: Int?,
        record: AsyncStream<String>.Continuation
    ) async throws {
        try await client.executeThenClose { inbound, outbound in
            var bytes = inbound.makeAsyncIterator()
            var head = ""
            while !head.hasSuffix("\r\n\r\n"), let more = try await bytes.next() { head += String(buffer: more) }
            record.yield(String(head.prefix { $0 != "\r\n" }))
            guard let target else {
                try await outbound.write(ByteBuffer(string: "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"))
                return
            }
            let server = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: target) { channel in
                    channel.eventLoop.makeCompletedFuture { try Bytes(wrappingChannelSynchronously: channel) }
                }
            try await outbound.write(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n"))
            try await server.executeThenClose { answers, requests in
                async let back: Void = {
                    for try await answer in answers { try await outbound.write(answer) }
                }()
                while let more = try await bytes.next() { try await requests.write(more) }
                requests.finish()
                try await back
            }
        }
    }

    func stop() async {
        try? await channel.close()
        serving.cancel()
        await serving.value
    }
}
