internal import Crypto
internal import OAuth2
internal import Synchronization

/// As whom clients were last granted tokens, for a diagnosis to tell what has changed since.
///
/// In memory alone, and without the secrets: a stamp of each that only this process can compare.
final class ClientProofs: Sendable {
    /// Tells one secret from another to whoever has the key.
    struct Stamp: Sendable, Hashable {
        fileprivate let code: [UInt8]
    }

    /// What a client last proved itself with.
    struct Proof: Sendable {
        var clientID: String

        /// Nil where it was no secret.
        var secret: Stamp?
        var at: Moment
    }

    // Drawn anew at each start, so that a stamp is of use to nobody else.
    private let key = SymmetricKey(size: .bits256)
    private let proofs = Mutex<[ClientName: Proof]>([:])

    /// The server granted the client a token for what it proved itself with.
    func granted(_ client: ClientConfiguration, with authentication: ClientAuthentication, at now: Moment) {
        let secret = authentication.secret.map(stamp)
        proofs.withLock { $0[client.name] = Proof(clientID: client.clientID, secret: secret, at: now) }
    }

    /// The latest; nil when none was granted since the daemon started.
    func proof(of client: ClientName) -> Proof? { proofs.withLock { $0[client] } }

    /// The stamp of `secret`.
    func stamp(_ secret: Secret) -> Stamp {
        var code = HMAC<SHA256>(key: key)
        secret.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { buffer in unsafe code.update(data: buffer) }
        }
        return Stamp(code: Array(code.finalize()))
    }

    /// These clients are not configured any more.
    func forget(_ clients: [ClientName]) {
        proofs.withLock { proofs in
            for client in clients { proofs[client] = nil }
        }
    }
}

extension ClientAuthentication {
    /// The secret that the server saw; nil where it saw none.
    fileprivate var secret: Secret? {
        switch self {
        case .clientSecretBasic(let secret, _), .clientSecretPost(let secret): secret
        case .none, .assertion, .certificate: nil
        }
    }
}
