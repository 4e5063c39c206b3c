import FoundationEssentials
package import OAuth2

/// A private key as it was read, with what its file says beside it.
package struct SigningKey: Sendable {
    let material: KeyMaterial

    /// What the file calls it; nil when it has no name.
    private(set) var keyID: String?

    /// How the file says that it signs; nil when it does not say.
    private(set) var statedAlgorithm: String?

    /// Whose key it is, by the file: the service account's address; nil when it does not say.
    package private(set) var owner: String?

    /// Reads a PEM file with PKCS#8, PKCS#1 or SEC 1 in it, a JWK (RFC 7517), or the key file of a Google service account.
    ///
    /// The library keeps copies of its own, which are not wiped.
    package init(_ secret: Secret) throws(SigningKeyError) {
        let text = secret.exposed()
        if text.first(where: { !$0.isWhitespace }) == "{" {
            try self.init(json: text)
        } else {
            // The tag of the sequence that every key in DER is.
            let isDER = secret.withBytes { $0.count > 0 && $0[0] == 0x30 }
            self.init(try SigningKey.material(pem: text, isDER: isDER))
        }
    }

    private init(_ material: KeyMaterial) { self.material = material }

    // MARK: PEM

    private static func material(pem text: String, isDER: Bool = false) throws(SigningKeyError) -> KeyMaterial {
        let blocks = PEMBlock.blocks(in: text)
        guard let block = blocks.first(where: { $0.label.hasSuffix("PRIVATE KEY") }) else {
            if blocks.contains(where: { $0.label.hasSuffix("PUBLIC KEY") }) { throw .publicKey }
            if blocks.contains(where: { $0.label.hasSuffix("CERTIFICATE") }) { throw .certificate }
            throw isDER ? .binary : .unrecognized
        }
        guard !block.isEncrypted else { throw .encrypted }
        guard block.label != "OPENSSH PRIVATE KEY" else { throw .openSSH }
        guard var contents = block.contents else { throw .damaged(kind: "a private key") }
        defer { contents.resetBytes(in: contents.startIndex..<contents.endIndex) }
        let kind: KeyKind? =
            switch block.label {
            case "RSA PRIVATE KEY": .rsa
            case "DSA PRIVATE KEY": .dsa
            // Of these the curve comes last.
            case "EC PRIVATE KEY": KeyKind(in: contents, length: contents.count)
            default: KeyKind(in: contents, length: longestHead)
            }
        guard let kind else { throw .damaged(kind: "a private key") }
        return try KeyMaterial(kind, structure: contents)
    }

    /// Version and algorithm of PKCS#8 (RFC 5208 §5), with room for long lengths.
    private static let longestHead = 48

    // MARK: JSON

    private init(json text: String) throws(SigningKeyError) {
        guard let file = try? JSONDecoder().decode(KeyFile.self, from: Data(text.utf8)) else { throw .unrecognized }
        if let type = file.type {
            guard type == "service_account" else { throw .otherGoogleFile(type: String(type.prefix(64))) }
            guard let pem = file.private_key else { throw .damaged(kind: "a private_key") }
            self.init(try SigningKey.material(pem: pem))
            keyID = file.private_key_id
            owner = file.client_email.flatMap { $0.isEmpty ? nil : $0 }
        } else if file.kty != nil {
            self.init(try file.material())
            keyID = file.kid
            statedAlgorithm = file.alg
        } else {
            throw file.keys == nil ? .unrecognized : .keySet
        }
    }
}

/// What the JSON of a key may hold: the members of RFC 7517 and 7518, or of Google's file, by their names there.
private struct KeyFile: Decodable {
    var type, client_email, private_key, private_key_id: String?
    var kty, kid, alg, crv, n, e, d, p, q: String?
    var keys: Anything?

    struct Anything: Decodable {
        init(from decoder: any Decoder) {}
    }

    func material() throws(SigningKeyError) -> KeyMaterial {
        switch (kty, crv) {
        case ("RSA", _):
            guard d != nil else { throw .publicKey }
            guard p != nil, q != nil else { throw .withoutPrimes }
            guard let n = bytes(n), let e = bytes(e), let d = bytes(d), let p = bytes(p), let q = bytes(q) else {
                throw .damaged(kind: KeyKind.rsa.name)
            }
            return try KeyMaterial(n: n, e: e, d: d, p: p, q: q)
        case ("EC", "P-256"):
            return try onCurve(.p256)
        case ("OKP", "Ed25519"):
            return try onCurve(.ed25519)
        case ("oct", _):
            throw .unsupported(kind: "a symmetric key")
        case (let kty, let crv):
            throw .unsupported(
                kind: "a key of type \([kty, crv].compactMap { $0?.prefix(64) }.joined(separator: ", "))"
            )
        }
    }

    private func onCurve(_ kind: KeyKind) throws(SigningKeyError) -> KeyMaterial {
        guard d != nil else { throw .publicKey }
        guard let d = bytes(d) else { throw .damaged(kind: kind.name) }
        return try KeyMaterial(kind, d: d)
    }

    /// A member in base64url (RFC 7515 §2).
    private func bytes(_ member: String?) -> Data? {
        guard let member, !member.isEmpty else { return nil }
        let base64 = member.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: base64 + String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4))
    }
}
