package import OAuth2

/// Why something cannot sign assertions, in words that follow the name of where it was read from.
package enum SigningKeyError: Error, Sendable, Hashable {
    /// Neither PEM nor JSON with a key in it.
    case unrecognized

    /// DER or PKCS#12.
    case binary
    case encrypted
    case publicKey
    case certificate
    case openSSH

    /// A set of JWKs (RFC 7517 §5).
    case keySet

    /// A key file of Google's that is no service account's.
    case otherGoogleFile(type: String)

    /// Cut off, or with something else where the key should be.
    case damaged(kind: String)

    /// A key for another purpose.
    case unsupported(kind: String)
    case shortRSA

    /// A JWK without the primes, which would have to be found by factoring.
    case withoutPrimes

    /// The key cannot sign so.
    case unfit(SigningAlgorithm, kind: String, fit: [SigningAlgorithm])

    /// The JWK names an algorithm that is none of ours.
    case foreignAlgorithm(String)

    /// A secret that is too short for HS256.
    case shortSecret

    /// There is no certificate where the client's should be.
    case noCertificate

    /// The certificate is not that of the key.
    case otherCertificate

    /// All seemed well, and no signature came.
    case refused
}

extension SigningKeyError: CustomStringConvertible {
    /// What is wrong and what to do, without what it is wrong with and without a full stop.
    package var description: String {
        switch self {
        case .unrecognized: "is neither a PEM file, nor a JWK, nor a service account's key file"
        case .binary: "is not in PEM; convert it with `openssl pkey -in OLD -out NEW`"
        case .encrypted: "is encrypted; write it without a passphrase with `openssl pkey -in OLD -out NEW`"
        case .publicKey: "holds a public key and not the private one"
        case .certificate: "holds a certificate and no private key"
        case .openSSH: "is in the form of OpenSSH; convert a copy with `ssh-keygen -p -m PKCS8 -f COPY`"
        case .keySet: "is a set of keys; put the one that signs into a file of its own"
        case .otherGoogleFile(let type): "is a key file for \(type) and not for a service account"
        case .damaged(let kind): "is damaged: it should hold \(kind), and none can be read"
        case .unsupported(let kind): "is \(kind), by which no assertion is signed; make an RSA, P-256 or Ed25519 key"
        case .shortRSA:
            "is an RSA key of less than 2048 bits; make a new one with "
                + "`openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072`"
        case .withoutPrimes: "is an RSA key without p and q; export it with all its members"
        case .unfit(let algorithm, let kind, let fit):
            "is \(kind), which cannot sign with \(algorithm.rawValue); set signing_algorithm to "
                + fit.map(\.rawValue).joined(separator: " or ")
        case .foreignAlgorithm(let name): "has \"alg\": \"\(name)\", which is not supported; set signing_algorithm"
        case .shortSecret:
            "is shorter than the \(AssertionSigner.minimumSecretBytes) bytes that HS256 needs (RFC 7518 section 3.2); "
                + "have the authorization server make a longer one, or use client_secret_basic"
        case .noCertificate: "holds no PEM certificate, or a broken one"
        case .otherCertificate: "is not the certificate of the private key"
        case .refused: "does not sign, for a reason that the library does not tell"
        }
    }
}
