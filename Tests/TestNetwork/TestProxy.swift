internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// An HTTP proxy that tunnels every CONNECT to one port of this machine, whatever name was asked for.
package final class TestProxy: Sendable {
    private typealias Bytes = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private struct State {
        var requests: [String] = []
        var target: Int?
    }

    /// Where it listens, on 127.0.0.1.
    package let port: Int
    private let state: Mutex<State>
    private let serving = Mutex(Task<Void, Never>?.none)
    private let channel: any Channel

    /// The request lines received.
    package var requests: [String] { state.withLock { $0.requests } }

    /// Starts a proxy.
    ///
    /// - Parameter target: Where tunnels lead; nil refuses them with 403.
    package static func start(target: Int?) async throws -> TestProxy {
        let bound = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture { try Bytes(wrappingChannelSynchronously: channel) }
            }
        return TestProxy(bound, target: target)
    }

    private init(_ bound: NIOAsyncChannel<Bytes, Never>, target: Int?) {
        port = bound.channel.localAddress?.port ?? 0
        channel = bound.channel
        state = Mutex(State(target: target))
        serving.withLock {
            $0 = Task { [self] in
                await withDiscardingTaskGroup { tunnels in
                    try? await bound.executeThenClose { connections in
                        for try await connection in connections {
                            tunnels.addTask { try? await self.serve(connection) }
                        }
                    }
                    tunnels.cancelAll()
                }
            }
        }
    }

    /// Lets the tunnels that are opened from now on lead to `target`; nil refuses them with 403.
    package func setTarget(_ target: Int?) {
        state.withLock { $0.target = target }
    }

    private func serve(_ client: Bytes) async throws {
        try await client.executeThenClose { inbound, outbound in
            var bytes = inbound.makeAsyncIterator()
            var head = ""
            while !head.hasSuffix("\r\n\r\n"), let more = try await bytes.next() { head += String(buffer: more) }
            let line = String(head.prefix { $0 != "\r\n" })
            let target = state.withLock { state in
                state.requests.append(line)
                return state.target
            }
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

    /// Ends it with its tunnels.
    package func stop() async {
        try? await channel.close()
        let task = serving.withLock { $0 }
        task?.cancel()
        await task?.value
    }
}
