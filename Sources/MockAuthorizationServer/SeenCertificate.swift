import Crypto
import NIOSSL

/// The certificate that a client brought in the handshake.
package struct SeenCertificate: Sendable, Equatable {
    /// Its subject, as RFC 4514 writes it: `CN=billing,O=Example`.
    package let subject: String

    /// The SHA-256 of its DER, in lower-case hexadecimal.
    package let fingerprint: String

    /// Whether the handshake found it to be signed by the authority that the listener trusts.
    package let isVerified: Bool
}

extension SeenCertificate {
    /// Nil when the certificate cannot be read.
    init?(_ certificate: NIOSSLCertificate, isVerified: Bool) {
        guard let bytes = try? certificate.toDERBytes() else { return nil }
        // The most specific first (RFC 4514 §2.1).
        subject = certificate.subjectName.reversed().map { name in
            "\(SeenCertificate.shortNames.first { $0.type == name.type }?.name ?? "?")=\(SeenCertificate.escaped(name.value))"
        }.joined(separator: ",")
        fingerprint = SHA256.hash(data: bytes).hexadecimal
        self.isVerified = isVerified
    }

    private static let shortNames: [(type: SSLCertificateNameType, name: String)] = [
        (.commonName, "CN"), (.organization, "O"), (.organizationalUnit, "OU"), (.state, "ST"), (.country, "C"),
        (.city, "L"), (.emailAddress, "emailAddress"), (.userId, "UID"),
    ]

    /// RFC 4514 §2.4, as far as names in tests need it.
    private static func escaped(_ value: String) -> String {
        String(value.flatMap { #",+"\<>;="#.contains($0) ? ["\\", $0] : [$0] })
    }
}

extension Sequence<UInt8> {
    /// Two lower-case digits a byte.
    var hexadecimal: String {
        map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}

/// Which certificate proves a client (RFC 8705 §2).
package enum RegisteredCertificate: Sendable, Equatable {
    /// One of the listener's authority with this subject, as RFC 4514 writes it.
    case subject(String)

    /// Any of the listener's authority.
    case anyOfAuthority

    /// One of these by their SHA-256 in hexadecimal, whoever signed it.
    case fingerprints([String])

    /// Why `certificate` does not prove the client; nil when it does.
    func objection(to certificate: SeenCertificate) -> String? {
        switch self {
        case .subject(let subject):
            if !certificate.isVerified { return "the certificate is of no authority that the server trusts" }
            return certificate.subject == subject ? nil : "the certificate's subject is \(certificate.subject)"
        case .anyOfAuthority:
            return certificate.isVerified ? nil : "the certificate is of no authority that the server trusts"
        case .fingerprints(let fingerprints):
            let isRegistered = fingerprints.contains { $0.lowercased() == certificate.fingerprint }
            return isRegistered ? nil : "the certificate is not registered"
        }
    }
}

/// What a listener says about clients' certificates.
package struct ClientCertificates: Sendable, Equatable {
    /// Whether the handshake fails without one.
    package var areRequired: Bool

    /// PEM of the authority that must have signed them, else the handshake fails; nil takes any, also self-signed ones.
    package var authority: String?

    package init(areRequired: Bool = false, authority: String? = nil) {
        self.areRequired = areRequired
        self.authority = authority
    }
}
