import Foundation
import NIOCore
import NIOPosix
import NIOSSL
package import OAuth2

/// What can be found out about a server without presenting anything to it.
extension TokenEndpointClient {
    /// The addresses of the server's name, as the system resolves it; empty when there is no such name.
    package func addresses(
        of url: EndpointURL,
        timeout: Duration
    ) async throws(TokenEndpointFailure) -> [String] {
        let (findings, finding) = AsyncStream<Result<[String], NameLookup.Failure>>.makeStream()
        NIOThreadPool.singleton.submit { _ in
            do throws(NameLookup.Failure) {
                finding.yield(.success(try NameLookup.addresses(of: url.host, port: url.port)))
            } catch {
                finding.yield(.failure(error))
            }
            finding.finish()
        }
        let giveUp = clients.group.next().scheduleTask(in: TimeAmount(timeout)) { finding.finish() }
        defer { giveUp.cancel() }
        for await found in findings {
            switch found {
            case .success(let addresses): return addresses
            case .failure(.unknown): return []
            case .failure(.unresolved(let words)):
                throw TokenEndpointFailure(transport: .nameNotFound, words: "the resolver says: \(words)", grant: nil)
            }
        }
        throw TokenEndpointFailure(
            transport: .connectTimeout,
            words: "the resolver does not answer",
            grant: nil
        )
    }

    /// Connects to the server of `url` as a request would, and looks at its certificate; nothing is sent to it.
    ///
    /// Through a proxy a document is asked for instead, and what comes is not looked at.
    package func connection(
        to url: EndpointURL,
        trust: ServerTrust,
        certificate: ClientCertificate? = nil,
        timeout: Duration
    ) async throws(TokenEndpointFailure) -> ServerConnection {
        if let proxy = trust.proxy, proxy.applies(to: url) {
            let began = NIODeadline.now()
            do throws(TokenEndpointFailure) {
                _ = try await get(url.root, trust: trust, certificate: certificate, timeout: timeout)
            } catch {
                // Its first page; that it came is all that is asked.
                guard error.transport == .responseTooLarge else { throw error }
            }
            return ServerConnection(roundTrip: .nanoseconds((NIODeadline.now() - began).nanoseconds))
        }
        let handshake = Handshake(url: url, timeout: TimeAmount(timeout))
        var roots: TrustRoots?
        if let caFile = trust.caFile { roots = try TrustRoots(file: caFile) }
        let context = try url.scheme == .https ? TokenEndpointClient.context(trust, roots, certificate) : nil
        do {
            let seen = try await handshake.perform(context, on: clients.group)
            return ServerConnection(
                roundTrip: seen.roundTrip,
                certificate: seen.certificate.map { ServerCertificate($0) }
            )
        } catch {
            let failure = TransportError(error, isSent: false, peer: Peer(url, through: nil))
            if failure.failure == .certificateRefused {
                let began = NIODeadline.now()
                // Without the client's own, which such a server is not shown.
                let context = try TokenEndpointClient.context(trust, roots, nil)
                let chain = await handshake.certificates(context, on: clients.group)
                if let own = chain.first {
                    return ServerConnection(
                        roundTrip: .nanoseconds((NIODeadline.now() - began).nanoseconds),
                        certificate: ServerCertificate(own, refusal: TokenEndpointClient.refusal(error, of: chain))
                    )
                }
            }
            throw TokenEndpointFailure(transport: failure.failure, words: failure.words, grant: nil)
        }
    }

    private static func context(
        _ trust: ServerTrust,
        _ roots: TrustRoots?,
        _ certificate: ClientCertificate?
    ) throws(TokenEndpointFailure) -> NIOSSLContext {
        let configuration = try HTTPClients.tls(trust, roots, certificate)
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw TokenEndpointFailure(transport: .tlsFailed, words: "\(type(of: error))", grant: nil)
        }
    }

    private static func refusal(_ error: any Error, of chain: [NIOSSLCertificate]) -> ServerCertificate.Refusal {
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname { return .forAnotherName }
        // By the kernel's clock, as the library judges.
        let now = Int(Date.now.timeIntervalSince1970)
        guard let own = chain.first else { return .untrusted("it shows none") }
        if own.notValidAfter < now { return .expired }
        if own.notValidBefore > now { return .untrusted("its time has not begun") }
        if chain.contains(where: { $0.notValidAfter < now }) {
            return .untrusted("a certificate that vouches for it expired")
        }
        return .untrusted(
            chain.count == 1
                ? "no trusted authority vouches for it, and the server sent no intermediate certificate"
                : "the \(chain.count) certificates that the server sent lead to no trusted authority"
        )
    }

    /// How many keys there are at `url` (RFC 7517 §5).
    package func keyCount(
        at url: EndpointURL,
        provider: Provider,
        trust: ServerTrust,
        timeout: Duration
    ) async throws(TokenEndpointFailure) -> Int {
        try KeySetAnswer.keyCount(in: try await get(url, trust: trust, timeout: timeout), provider: provider)
    }

    /// What `issuer` says about itself now, whatever is cached.
    package func currentMetadata(
        issuer: EndpointURL,
        trust: ServerTrust,
        timeout: Duration
    ) async throws(TokenEndpointFailure) -> AuthorizationServerMetadata {
        try await discover(issuer, trust: trust, timeout: timeout)
    }
}
