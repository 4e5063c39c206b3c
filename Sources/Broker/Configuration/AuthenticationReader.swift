import OAuth2

/// Reads how a client proves who it is, and what it signs with.
struct AuthenticationReader {
    /// What was read.
    struct Reading {
        /// Nil when it is wrong; that is then reported.
        var method: AuthenticationMethod?
        var secrets: [SecretSource] = []
        var basicEncoding = BasicEncoding.form
        var assertion = AssertionConfiguration()
        var certificate: [SecretSource] = []
    }

    let table: TableReader
    let source: SourceFile

    private var findings: Findings { table.findings }

    /// What stands in the table over what is known of the provider, for a client that presents `grant`.
    func read(_ profile: ProviderProfile, for grant: Grant) -> Reading {
        var reading = Reading()
        reading.method = readMethod(profile, grant)
        reading.secrets = readSecrets(reading.method, grant)
        reading.basicEncoding = readBasicEncoding(reading.method, profile)
        let use = reading.method.map { Use(method: $0, grant: grant) }
        reading.certificate = readCertificate(use)
        reading.assertion.privateKey = readPrivateKey(use)
        reading.assertion.algorithm = readAlgorithm(use)
        reading.assertion.keyID = string("key_id", isUsed: use?.signs, use)
        reading.assertion.audience = string("assertion_audience", isUsed: use?.signs, use)
        let isGrant = grant == .jwtBearer
        let writeGrant = "write grant = \(Grant.jwtBearer.name.shown), or remove it"
        reading.assertion.issuer = string("assertion_issuer", isUsed: isGrant, use, remedy: writeGrant)
        reading.assertion.subject = string("assertion_subject", isUsed: isGrant, use, remedy: writeGrant)
        return reading
    }

    /// What the keys of the table are used for.
    private struct Use {
        let method: AuthenticationMethod
        let grant: Grant

        /// Whether the client makes assertions.
        var signs: Bool { method == .clientSecretJWT || signsWithKey }

        var signsWithKey: Bool { method == .privateKeyJWT || grant == .jwtBearer }

        /// As errors name it.
        var name: String {
            grant == .jwtBearer ? "grant = \(grant.name.shown)" : "client_authentication = \(method.rawValue.shown)"
        }
    }

    // MARK: The method and its secret

    private func readMethod(_ profile: ProviderProfile, _ grant: Grant) -> AuthenticationMethod? {
        let written: Written<AuthenticationMethod>? = table.choice("client_authentication")
        if table.has("client_authentication") { return written?.value }
        // The assertion itself says who asks.
        return grant == .jwtBearer ? AuthenticationMethod.none : profile.clientAuthentication
    }

    private func readSecrets(_ method: AuthenticationMethod?, _ grant: Grant) -> [SecretSource] {
        guard let written = table.node("client_secret") else {
            if method?.means == .secret {
                missing(
                    "client_secret",
                    remedy: "add client_secret = { credential = \"NAME\" }, or client_authentication = \"none\""
                )
            }
            return []
        }
        switch method {
        case .privateKeyJWT?, .tlsClientAuth?, .selfSignedTLSClientAuth?:
            findings.warn(
                written,
                "not used, since client_authentication = \(method?.rawValue.shown ?? "") uses no secret",
                remedy: "remove it"
            )
        case AuthenticationMethod.none? where !table.has("client_authentication"):
            findings.refuse(
                written,
                "grant = \(grant.name.shown) uses no secret of itself",
                remedy: "remove it, or write client_authentication"
            )
        case AuthenticationMethod.none?:
            findings.refuse(
                written,
                "client_authentication = \"none\" uses no secret",
                remedy: "remove one of them"
            )
        case .clientSecretBasic?, .clientSecretPost?, .clientSecretJWT?, nil:
            break
        }
        return SecretSourceReader(findings: findings, source: source).read(written)
    }

    private func readBasicEncoding(_ method: AuthenticationMethod?, _ profile: ProviderProfile) -> BasicEncoding {
        let written: Written<BasicEncoding>? = table.choice("basic_encoding")
        if let written, let method, method != .clientSecretBasic {
            findings.warn(written, "only client_secret_basic uses it", remedy: "remove it")
        }
        return written?.value ?? profile.basicEncoding
    }

    // MARK: What it signs with

    private func readPrivateKey(_ use: Use?) -> [SecretSource] {
        guard let written = table.node("private_key") else {
            if let use, use.signsWithKey || use.method.means == .certificate {
                missing("private_key", neededFor: use, remedy: "add private_key = { file = \"PATH\" }")
            }
            return []
        }
        if let use, !use.signsWithKey, use.method.means != .certificate {
            refuseUseless(written, use, remedy: "write client_authentication = \"private_key_jwt\", or remove it")
        }
        return SecretSourceReader(findings: findings, source: source).read(written)
    }

    private func readCertificate(_ use: Use?) -> [SecretSource] {
        guard let written = table.node("certificate") else {
            if let use, use.method.means == .certificate {
                missing("certificate", neededFor: use, remedy: "add certificate = { file = \"PATH\" }")
            }
            return []
        }
        if let use, use.method.means != .certificate, use.method != .privateKeyJWT {
            refuseUseless(written, use, remedy: "write client_authentication = \"tls_client_auth\", or remove it")
        }
        return SecretSourceReader(findings: findings, source: source).read(written)
    }

    private func readAlgorithm(_ use: Use?) -> SigningAlgorithm? {
        let written: Written<SigningAlgorithm>? = table.choice("signing_algorithm")
        guard let written, let use else { return written?.value }
        guard use.signs else {
            refuseUseless(written, use, remedy: "remove it")
            return nil
        }
        guard written.value.isSymmetric == !use.signsWithKey else {
            let fit = SigningAlgorithm.allCases.filter { $0.isSymmetric == !use.signsWithKey }.map(\.rawValue.shown)
            findings.refuse(
                written,
                "\(use.name) signs with \(use.signsWithKey ? "a private key" : "the client's secret"), and "
                    + "\(written.value.rawValue.shown) does not",
                remedy: "write \(fit.joined(separator: " or ")), or remove it"
            )
            return nil
        }
        return written.value
    }

    private func string(_ name: String, isUsed: Bool?, _ use: Use?, remedy: String = "remove it") -> String? {
        let written = table.string(name)
        if let written, let use, isUsed == false {
            refuseUseless(written, use, remedy: remedy)
        }
        return written?.value
    }

    // MARK: What is wrong

    private func refuseUseless<Value>(_ written: Written<Value>, _ use: Use, remedy: String) {
        findings.refuse(written, "\(use.name) has no use for it", remedy: remedy)
    }

    private func missing(_ name: String, neededFor use: Use? = nil, remedy: String) {
        findings.refuse(
            DottedKey.joined(table.key, name),
            at: table.place,
            use.map { "missing, and \($0.name) needs it" } ?? "missing",
            remedy: remedy
        )
    }
}
