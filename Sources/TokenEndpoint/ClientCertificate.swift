import Foundation
import NIOSSL
package import OAuth2

/// What a client shows of itself in the TLS handshake (RFC 8705 §2): a certificate chain, its own first, and the key that
/// belongs to it, as they were read for one attempt.
package struct ClientCertificate: Sendable, Equatable {
    /// Where chain and key are, in the words of an error; clients that name the same places share connections.
    struct Places: Sendable, Hashable {
        let chain: String
        let key: String
    }

    let places: Places
    private let chain: Secret
    private let key: Secret

    /// - Parameters:
    ///   - chain: PEM, the client's own first.
    ///   - chainPlace: Where it was read; another for what another client alone has.
    ///   - key: PEM, not encrypted.
    ///   - keyPlace: Where that was read.
    package init(chain: Secret, from chainPlace: String, key: Secret, from keyPlace: String) {
        self.chain = chain
        self.key = key
        places = Places(chain: chainPlace, key: keyPlace)
    }

    /// The certificates and the key, once it is sure that the TLS library takes them.
    struct Material {
        let chain: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey
    }

    /// When the client's own certificate ends, since the Unix epoch; throws when chain and key cannot be used together.
    package func expiry() throws(TokenEndpointFailure) -> Duration {
        .seconds(try material().chain.first?.notValidAfter ?? 0)
    }

    /// Reads chain and key, and makes sure that they belong together: while both are being replaced one may be ahead.
    func material() throws(TokenEndpointFailure) -> Material {
        let material = Material(chain: try readChain(), key: try readKey())
        do {
            // A server's, for which no authorities are read.
            _ = try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: material.chain.map { .certificate($0) },
                    privateKey: .privateKey(material.key)
                )
            )
        } catch NIOSSLError.failedToLoadCertificate {
            throw unusable("the certificate in \(places.chain) is not one to prove with who a client is")
        } catch {
            throw unusable(
                "the first certificate in \(places.chain) and the key in \(places.key) do not belong together"
            )
        }
        return material
    }

    private func readChain() throws(TokenEndpointFailure) -> [NIOSSLCertificate] {
        let certificates = try? NIOSSLCertificate.fromPEMBytes(chain.exposedBytes())
        guard let certificates, !certificates.isEmpty else {
            throw unusable("\(places.chain) holds no PEM certificate, or a broken one")
        }
        return certificates
    }

    /// As PEM marks a key that needs a passphrase (RFC 5958, RFC 1421 §4.6.1.1).
    private static let encrypted = Array("ENCRYPTED".utf8)

    private func readKey() throws(TokenEndpointFailure) -> NIOSSLPrivateKey {
        var bytes = key.exposedBytes()
        defer { bytes.wipe() }
        guard bytes.firstRange(of: Self.encrypted) == nil else {
            throw unusable("the key in \(places.key) is encrypted, and nobody is there to give its passphrase")
        }
        guard !bytes.isEmpty, let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
            throw unusable("\(places.key) holds no PEM private key, or a broken one")
        }
        return key
    }

    private func unusable(_ words: String) -> TokenEndpointFailure {
        TokenEndpointFailure(.configuration, .clientCertificateUnusable, words: words)
    }
}

extension ClientCertificate {
    /// That the client's own certificate is over at `now`, since the Unix epoch; nil when it is not.
    func expiryWords(at now: Duration) -> String? {
        guard let end = try? expiry(), end <= now else { return nil }
        let date = Date(timeIntervalSince1970: Double(end.components.seconds))
        return "the client's certificate expired at \(date.formatted(.iso8601))"
    }
}
