import NIOSSL

/// A connection to a server, as it was seen before it was closed.
package struct ServerConnection: Sendable, Hashable {
    /// How long the server took to accept it, or, through a proxy, to answer on it.
    package var roundTrip: Duration

    /// What the server showed of itself; nil without encryption, and through a proxy.
    package var certificate: ServerCertificate?
}

/// A server's certificate, and whether it is accepted.
package struct ServerCertificate: Sendable, Hashable {
    /// The names and addresses it is for.
    package var names: [String]

    /// Its end, since 1970-01-01 UTC.
    package var validUntil: Duration

    /// Why it is not accepted; nil when it is.
    package var refusal: Refusal?

    /// Why a certificate is not accepted.
    package enum Refusal: Sendable, Hashable {
        case expired, forAnotherName

        /// No authority that is trusted here vouches for it; in words.
        case untrusted(String)
    }
}

extension ServerCertificate {
    /// A certificate for more names is a hoster's, and the first ones show whose.
    private static let maximumNames = 20

    /// Longer than every name (RFC 1035 §2.3.4).
    private static let longestName = 253

    init(_ certificate: NIOSSLCertificate, refusal: Refusal? = nil) {
        let names = certificate._subjectAlternativeNames().lazy.compactMap { name -> String? in
            switch name.nameType {
            case .dnsName:
                // Whoever answers may have written anything there.
                let isName = name.contents.count <= Self.longestName && name.contents.allSatisfy(Self.mayStandInName)
                return isName ? String(decoding: name.contents, as: UTF8.self) : nil
            case .ipAddress: return Self.address(Array(name.contents))
            default: return nil
            }
        }
        self.names = Array(names.prefix(Self.maximumNames))
        validUntil = .seconds(certificate.notValidAfter)
        self.refusal = refusal
    }

    private static func mayStandInName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._*".utf8.contains(byte)
        }
    }

    private static func address(_ bytes: [UInt8]) -> String? {
        switch bytes.count {
        case 4: bytes.map(String.init).joined(separator: ".")
        case 16:
            stride(from: 0, to: 16, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
                .joined(separator: ":")
        default: nil
        }
    }
}
