import OAuth2

extension ClientSettings {
    /// Who the client is.
    var identityRemarks: [Remark] {
        var remarks: [Remark] = []
        if let form = CredentialForm.of(provider), !clientID.isEmpty, grant != .jwtBearer,
            !form.identifier.fits(clientID.utf8)
        {
            remarks.append(
                Remark(
                    .identifierOddlyFormed,
                    "client_id",
                    "\(provider.title) gives \(form.identifier.name), which this is not",
                    remedy: "copy the client_id from where \(provider.title) shows it"
                )
            )
        }
        if grant == .clientCredentials, method == AuthenticationMethod.none, provider != .generic {
            remarks.append(
                Remark(
                    .secretNotSent,
                    "client_authentication",
                    "a client that proves nothing is granted nothing of its own (RFC 6749 §4.4)",
                    remedy: "name client_secret, or another grant"
                )
            )
        }
        if method == AuthenticationMethod.none, grant != .jwtBearer {
            remarks.append(
                Remark(.noSecretConfigured, "client_authentication", "no secret is configured, so that none is sent")
            )
        }
        return remarks
    }

    /// What it proves that with; the words hold nothing of it.
    var secretRemarks: [Remark] {
        secrets.enumerated().flatMap { place, secret in
            var bytes = secret.exposedBytes()
            defer { bytes.wipe() }
            return remarks(on: bytes, called: secrets.count > 1 ? "secret \(place + 1)" : "the secret")
        }
    }

    private func remarks(on secret: [UInt8], called name: String) -> [Remark] {
        func remark(_ finding: Finding, _ problem: String, _ remedy: String?) -> Remark {
            Remark(finding, "client_secret", problem, remedy: remedy)
        }
        let form = CredentialForm.of(provider)
        var remarks: [Remark] = []
        if let blank = secret.firstIndex(where: Self.isBlank) {
            let isAround = secret.first.map(Self.isBlank) == true || secret.last.map(Self.isBlank) == true
            let kind = secret.contains(0x0A) || secret.contains(0x0D) ? "a newline" : "white space"
            remarks.append(
                remark(
                    .secretHasWhiteSpace,
                    isAround ? "\(name) begins or ends with \(kind)" : "\(name) has \(kind) at character \(blank + 1)",
                    "write it without, as \(provider.title) shows it"
                )
            )
        }
        if isSwapped(secret, form) {
            remarks.append(
                remark(
                    .identifierAndSecretSwapped,
                    "\(name) looks like a client_id, and client_id like a secret",
                    "exchange the two"
                )
            )
        } else if provider == .entra, TextForm.uuid.fits(secret) {
            remarks.append(
                remark(
                    .secretIsUUID,
                    "\(name) is a UUID, as the secret's ID is, and no value of a secret",
                    "use the column Value of Certificates & secrets, which is shown once, or make a new secret"
                )
            )
        } else if Self.isQuoted(secret) {
            remarks.append(
                remark(.secretOddlyFormed, "\(name) stands in quotation marks, which are sent too", "remove them")
            )
        } else if !secret.allSatisfy({ Self.isBlank($0) || (0x21...0x7E).contains($0) }) {
            remarks.append(
                remark(
                    .secretOddlyFormed,
                    "\(name) has characters beyond printable ASCII (RFC 6749 appendix A.2)",
                    "copy it from where \(provider.title) shows it"
                )
            )
        } else if let form, !form.secret.fits(secret.lazy.filter { !Self.isBlank($0) }) {
            remarks.append(
                remark(
                    .secretOddlyFormed,
                    "\(provider.title) gives secrets of \(form.secret.name), which \(name) is not",
                    "copy it from where \(provider.title) shows it"
                )
            )
        }
        if method == .clientSecretBasic,
            !secret.allSatisfy(Self.isUnescaped) || !clientID.utf8.allSatisfy(Self.isUnescaped)
        {
            let way = basicEncoding == .raw ? "as they are" : "form-encoded"
            remarks.append(
                remark(
                    .secretHasEncodedCharacters,
                    "the client_id or \(name) has characters that a form encodes, and they are sent \(way) (RFC 6749 §2.3.1)",
                    nil
                )
            )
        }
        return remarks
    }

    private func isSwapped(_ secret: [UInt8], _ form: CredentialForm?) -> Bool {
        guard let form, let identifier = form.usualIdentifier, let usual = form.usualSecret else { return false }
        return identifier.fits(secret) && usual.fits(clientID.utf8) && !identifier.fits(clientID.utf8)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func isQuoted(_ secret: [UInt8]) -> Bool {
        guard secret.count > 2, let first = secret.first, first == secret.last else { return false }
        return first == UInt8(ascii: "\"") || first == UInt8(ascii: "'")
    }

    /// What application/x-www-form-urlencoded leaves as it is.
    private static func isUnescaped(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "*-._".utf8.contains(byte)
        }
    }
}
