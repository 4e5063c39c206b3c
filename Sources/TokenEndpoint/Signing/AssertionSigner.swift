import Crypto
import FoundationEssentials
import JWTKit
package import OAuth2

/// Signs assertions, one for each request, with what was read for it.
package struct AssertionSigner: Sendable {
    /// The hash's length (RFC 7518 §3.2).
    package static let minimumSecretBytes = 32

    private enum Means {
        case secret(Secret)
        case key(KeyMaterial, SigningAlgorithm)
    }

    private let means: Means
    private let keyID: String?

    /// By which a server finds the certificate that it has of the client (RFC 7515 §4.1.8).
    private let thumbprint: String?

    /// Signs with HS256, by a secret that the server has, too.
    package init(secret: Secret, keyID: String? = nil) throws(SigningKeyError) {
        guard secret.count >= AssertionSigner.minimumSecretBytes else { throw .shortSecret }
        means = .secret(secret)
        self.keyID = keyID
        thumbprint = nil
    }

    /// Signs with `key`.
    ///
    /// - Parameters:
    ///   - algorithm: Nil for the key's own, or what is usual for such a key.
    ///   - keyID: Nil for the key's own name.
    package init(key: SigningKey, algorithm: SigningAlgorithm? = nil, keyID: String? = nil) throws(SigningKeyError) {
        try self.init(key: key, algorithm: algorithm, keyID: keyID, thumbprint: nil)
    }

    /// Signs with `key`, and says which certificate is the key's: the first of `certificate`, in PEM.
    package init(
        key: SigningKey,
        algorithm: SigningAlgorithm?,
        keyID: String?,
        certificate: Secret
    ) throws(SigningKeyError) {
        let block = PEMBlock.blocks(in: certificate.exposed()).first { $0.label.hasSuffix("CERTIFICATE") }
        guard let contents = block?.contents else { throw .noCertificate }
        let pem =
            "-----BEGIN CERTIFICATE-----\n\(contents.base64EncodedString(options: .lineLength64Characters))"
            + "\n-----END CERTIFICATE-----\n"
        guard key.material.isCertified(by: pem) != false else { throw .otherCertificate }
        let thumbprint = Data(SHA256.hash(data: contents)).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        try self.init(key: key, algorithm: algorithm, keyID: keyID, thumbprint: thumbprint)
    }

    private init(
        key: SigningKey,
        algorithm: SigningAlgorithm?,
        keyID: String?,
        thumbprint: String?
    ) throws(SigningKeyError) {
        let fit = key.material.algorithms
        var wanted = algorithm
        if wanted == nil, let stated = key.statedAlgorithm {
            guard let known = SigningAlgorithm(rawValue: stated) else {
                throw .foreignAlgorithm(String(stated.prefix(64)))
            }
            wanted = known
        }
        let chosen = wanted ?? fit[0]
        guard fit.contains(chosen) else { throw .unfit(chosen, kind: key.material.kind, fit: fit) }
        means = .key(key.material, chosen)
        self.keyID = keyID ?? key.keyID
        self.thumbprint = thumbprint
    }

    /// What it signs with.
    package var algorithm: SigningAlgorithm {
        switch means {
        case .secret: .hs256
        case .key(_, let algorithm): algorithm
        }
    }

    /// The assertion as it is sent (RFC 7515 §7.1).
    package func sign(_ assertion: ClientAssertion) async throws(SigningKeyError) -> Secret {
        let keys = JWTKeyCollection()
        let serializer = DefaultJWTSerializer(jsonEncoder: AssertionSigner.encoder)
        switch means {
        case .secret(let secret):
            var bytes = secret.exposedBytes()
            await keys.add(hmac: HMACKey(from: bytes), digestAlgorithm: .sha256, serializer: serializer)
            bytes.wipe()
        case .key(.rsa(let key), .ps256):
            await keys.add(pss: key, digestAlgorithm: .sha256, serializer: serializer)
        case .key(.rsa(let key), _):
            await keys.add(rsa: key, digestAlgorithm: .sha256, serializer: serializer)
        case .key(.p256(let key), _):
            await keys.add(ecdsa: key, serializer: serializer)
        case .key(.ed25519(let key), _):
            await keys.add(eddsa: key, serializer: serializer)
        }
        var header = JWTHeader(fields: ["typ": .string("JWT")])
        if let keyID { header.fields["kid"] = .string(keyID) }
        if let thumbprint { header.fields["x5t#S256"] = .string(thumbprint) }
        do {
            return Secret(try await keys.sign(Claims(assertion), header: header))
        } catch {
            throw .refused
        }
    }

    /// Some servers compare what they read, and an escaped slash is none to them.
    private static var encoder: any JWTJSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}

/// The claims of RFC 7523 §3.
///
/// Without `nbf`: it would say no more than `iat`, and a server that is a second behind refuses it.
private struct Claims: JWTPayload {
    let iss: String
    let sub: String?
    let aud: String
    let iat: Int64
    let exp: Int64
    let jti: String
    let scope: String?

    init(_ assertion: ClientAssertion) {
        iss = assertion.issuer
        sub = assertion.subject
        aud = assertion.audience
        iat = assertion.issuedAt.components.seconds
        exp = (assertion.issuedAt + ClientAssertion.lifetime).components.seconds
        jti = assertion.identifier
        scope = assertion.scope
    }

    func verify(using algorithm: some JWTAlgorithm) {}
}
