import MockAuthorizationServer
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import TestNetwork

/// A token endpoint on loopback that looks at its clients' certificates.
final class CertificateServer: Sendable {
    /// A request, by the connection that it came on and what was shown there.
    struct Seen: Sendable, Equatable {
        let connection: Int
        /// Its serial number; nil when none was shown.
        let certificate: [UInt8]?
    }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, ByteBuffer>

    private struct State {
        var connections = 0
        var seen: [Seen] = []
        var held: [CheckedContinuation<Void, Never>]?
        var onSeen: [CheckedContinuation<Void, Never>] = []
    }

    private let channel: any Channel
    private let state = Mutex(State())
    private let serving = Mutex(Task<Void, Never>?.none)

    let endpoint: String

    /// - Parameters:
    ///   - version: The only one it speaks.
    ///   - isNeeded: Whether it refuses clients without a certificate.
    static func start(
        _ files: TLSFiles,
        trusting authority: String,
        version: TLSVersion = .tlsv13,
        isNeeded: Bool = true
    ) async throws -> CertificateServer {
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificateChain).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: files.privateKey, format: .pem))
        )
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority))
        tls.certificateVerification = isNeeded ? .noHostnameVerification : .optionalVerification
        (tls.minimumTLSVersion, tls.maximumTLSVersion) = (version, version)
        tls.shutdownTimeout = .milliseconds(100)
        let context = try NIOSSLContext(configuration: tls)
        let bound = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLServerHandler(context: context))
                    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        return CertificateServer(bound)
    }

    private init(_ bound: NIOAsyncChannel<Connection, Never>) {
        channel = bound.channel
        endpoint = "https://127.0.0.1:\(bound.channel.localAddress?.port ?? 0)/token"
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

    private static let body = #"{"access_token": "a", "token_type": "Bearer", "expires_in": 60}"#

    private static let answer =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"

    private func serve(_ connection: Connection) async {
        let number = state.withLock { state in
            state.connections += 1
            return state.connections
        }
        // A handshake that fails is the client's to tell.
        try? await connection.executeThenClose { inbound, outbound in
            for try await case .end in inbound {
                let shown = try await connection.channel.nioSSL_peerCertificate().get()
                await note(Seen(connection: number, certificate: shown?.serialNumber))
                try await outbound.write(ByteBuffer(string: Self.answer))
            }
        }
    }

    private func note(_ seen: Seen) async {
        await withCheckedContinuation { continuation in
            let waiters = state.withLock { state in
                state.seen.append(seen)
                defer { state.onSeen = [] }
                guard state.held != nil else { return state.onSeen + [continuation] }
                state.held?.append(continuation)
                return state.onSeen
            }
            for waiter in waiters { waiter.resume() }
        }
    }

    /// The requests, in the order of their arrival.
    var seen: [Seen] { state.withLock { $0.seen } }

    /// Answers nothing until `release`.
    func hold() { state.withLock { $0.held = [] } }

    func release() {
        let held = state.withLock { state in
            defer { state.held = nil }
            return state.held ?? []
        }
        for continuation in held { continuation.resume() }
    }

    /// Returns when there were `count` requests.
    func requests(_ count: Int) async {
        while state.withLock({ $0.seen.count < count }) {
            await withCheckedContinuation { continuation in
                let isLate = state.withLock { state in
                    guard state.seen.count < count else { return true }
                    state.onSeen.append(continuation)
                    return false
                }
                if isLate { continuation.resume() }
            }
        }
    }

    func stop() async {
        release()
        try? await channel.close()
        await serving.withLock { $0 }?.value
    }
}

/// Runs `body` with a client, such a server, and the authority of both, all ended afterwards.
func withCertificateServer(
    version: TLSVersion = .tlsv13,
    isNeeded: Bool = true,
    _ body: (Wire, CertificateServer, TestAuthority) async throws -> Void
) async throws {
    try await withAuthority { authority in
        let server = try await CertificateServer.start(
            try await authority.files(for: "IP:127.0.0.1"),
            trusting: authority.certificate,
            version: version,
            isNeeded: isNeeded
        )
        do {
            try await withWire { wire, _ in try await body(wire, server, authority) }
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }
}
