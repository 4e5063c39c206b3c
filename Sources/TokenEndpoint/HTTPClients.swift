import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL
import OAuth2
import Synchronization

/// The HTTP clients, one for each way to be reached and trusted and each use of connections, made when first needed.
///
/// Fresh connections have clients of their own, whose pools never hold one that another request could be given.
/// Connections on which a certificate is shown are shared by none but those who show the same. A client whose `ca_file`
/// or certificate has changed is replaced; its requests under way end on the old one.
final class HTTPClients: Sendable {
    /// A client that is used, and must be given back.
    struct Lease: Sendable {
        let client: HTTPClient
        fileprivate let number: Int
    }

    /// Below the 5 s after which Apache and Node close an idle connection: a request on one that the server is about to
    /// close is lost, and a connection saves a handshake only when clients of one server are refreshed together.
    private static let idleTimeout = TimeAmount.seconds(4)

    /// DNS, TCP and TLS together; a third of the default `request_timeout`, so that the cause is named and not the
    /// deadline.
    private static let connectTimeout = TimeAmount.seconds(10)

    /// Beyond the concurrency that the budget of a server allows: the pool must not queue a second time.
    private static let connectionsPerHost = 1_024

    /// One that shows a certificate holds its key in memory, which is not kept for clients that are gone.
    private static let longestUnused = TimeAmount.hours(1)

    /// Whom a client connects to, and what with.
    private struct Key: Hashable {
        var trust: ServerTrust
        var certificate: ClientCertificate.Places?
        var connection: ConnectionUse
    }

    private struct Entry {
        let client: HTTPClient
        let roots: TrustRoots?
        let certificate: ClientCertificate?
        var leases = 0
        var lastUsed = NIODeadline.now()
        var isRetired = false
    }

    private struct State {
        var current: [Key: Int] = [:]
        var entries: [Int: Entry] = [:]
        var lastNumber = 0
        var isShutDown = false
    }

    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let state = Mutex(State())

    /// A client for `trust`, with its `ca_file` as it is now, that shows `certificate` and uses connections so.
    func lease(
        _ trust: ServerTrust,
        _ certificate: ClientCertificate?,
        _ connection: ConnectionUse
    ) async throws(TokenEndpointFailure) -> Lease {
        let key = Key(trust: trust, certificate: certificate?.places, connection: connection)
        for client in state.withLock({ HTTPClients.retireUnused(&$0) }) { await HTTPClients.end(client) }
        var roots: TrustRoots?
        if let caFile = trust.caFile { roots = try TrustRoots(file: caFile) }
        if let lease = state.withLock({ HTTPClients.leaseCurrent(key, roots, certificate, &$0) }) {
            return lease
        }

        let configuration = try HTTPClients.configuration(key, roots, certificate)
        let (lease, replaced) = try state.withLock { state throws(TokenEndpointFailure) in
            guard !state.isShutDown else {
                throw TokenEndpointFailure(transport: .resetBeforeSending, words: "shutting down", grant: nil)
            }
            if let lease = HTTPClients.leaseCurrent(key, roots, certificate, &state) {
                return (lease, nil as HTTPClient?)
            }
            let replaced = state.current[key].flatMap { HTTPClients.retire($0, &state) }
            let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
            state.lastNumber += 1
            state.current[key] = state.lastNumber
            state.entries[state.lastNumber] = Entry(
                client: client,
                roots: roots,
                certificate: certificate,
                leases: 1
            )
            return (Lease(client: client, number: state.lastNumber), replaced)
        }
        await HTTPClients.end(replaced)
        return lease
    }

    private static func leaseCurrent(
        _ key: Key,
        _ roots: TrustRoots?,
        _ certificate: ClientCertificate?,
        _ state: inout State
    ) -> Lease? {
        guard let number = state.current[key], let entry = state.entries[number], entry.roots == roots,
            entry.certificate == certificate
        else { return nil }
        state.entries[number]?.leases += 1
        return Lease(client: entry.client, number: number)
    }

    /// Retires what shows a certificate and nobody used for long; returns its clients.
    private static func retireUnused(_ state: inout State) -> [HTTPClient] {
        let latest = NIODeadline.now() - longestUnused
        let unused = state.current.filter { key, number in
            key.certificate != nil && (state.entries[number].map { $0.leases == 0 && $0.lastUsed < latest } ?? true)
        }
        return unused.compactMap { key, number in
            state.current[key] = nil
            return retire(number, &state)
        }
    }

    /// Retires an entry; returns its client when nobody uses it.
    private static func retire(_ number: Int, _ state: inout State) -> HTTPClient? {
        guard let entry = state.entries[number] else { return nil }
        state.entries[number]?.isRetired = true
        guard entry.leases == 0 else { return nil }
        state.entries[number] = nil
        return entry.client
    }

    /// Gives back what `lease` lent.
    func giveBack(_ lease: Lease) async {
        let unused: HTTPClient? = state.withLock { state in
            guard var entry = state.entries[lease.number] else { return nil }
            entry.leases -= 1
            entry.lastUsed = .now()
            let isDone = entry.isRetired && entry.leases == 0
            state.entries[lease.number] = isDone ? nil : entry
            return isDone ? entry.client : nil
        }
        await HTTPClients.end(unused)
    }

    /// Ends every connection, requests under way included.
    func shutdown() async {
        let clients = state.withLock { state in
            defer { state = State(isShutDown: true) }
            return state.entries.values.map(\.client)
        }
        for client in clients { await HTTPClients.end(client) }
        // Nothing is left to be done about a thread that does not end.
        try? await group.shutdownGracefully()
    }

    private static func end(_ client: HTTPClient?) async {
        // The one error says that it has been shut down.
        try? await client?.shutdown()
    }

    /// How hands are shaken with a server that `roots`, besides the system's, prove to be the right one.
    static func tls(
        _ trust: ServerTrust,
        _ roots: TrustRoots?,
        _ certificate: ClientCertificate?
    ) throws(TokenEndpointFailure) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        // RFC 9325 §3.1.1.
        tls.minimumTLSVersion = .tlsv12
        if let roots, let caFile = trust.caFile {
            tls.additionalTrustRoots = [.certificates(try roots.certificates(file: caFile))]
        }
        if let material = try certificate?.material() {
            tls.certificateChain = material.chain.map { .certificate($0) }
            tls.privateKey = .privateKey(material.key)
        }
        return tls
    }

    private static func configuration(
        _ key: Key,
        _ roots: TrustRoots?,
        _ certificate: ClientCertificate?
    ) throws(TokenEndpointFailure) -> HTTPClient.Configuration {
        let tls = try tls(key.trust, roots, certificate)
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls,
            redirectConfiguration: .disallow,
            timeout: .init(connect: connectTimeout),
            connectionPool: .init(
                // A connection that came up after its request had given up is no longer fresh for the next.
                idleTimeout: key.connection == .fresh ? .zero : idleTimeout,
                concurrentHTTP1ConnectionsPerHostSoftLimit: connectionsPerHost
            )
        )
        // The first failure to connect is the answer; when to try again is not decided here.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        configuration.http1_1ConnectionDebugInitializer = { StatusGuard.install(in: $0) }
        configuration.proxy = key.trust.proxy.map { .server(host: $0.host, port: $0.port) }
        return configuration
    }
}
