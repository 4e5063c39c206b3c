internal import OAuth2
internal import TokenEndpoint

/// A client's private key as it was read for one attempt.
struct ReadSigningKey: Sendable {
    let signer: AssertionSigner

    /// Who says what a grant's assertion says, by the configuration and the key.
    let issuer: String
}

extension ClientConfiguration {
    /// Whether it signs anything with its private key.
    var signsWithKey: Bool { authentication == .privateKeyJWT || grant == .jwtBearer }

    /// Reads the private key anew, so that a replaced file counts at the next attempt.
    func readSigningKey(environment: [String: String]) throws(CredentialError) -> ReadSigningKey {
        do throws(SecretError) {
            let (secret, source) = try assertion.privateKey.readFirst(.document, environment)
            let key = try source.checking { () throws(SigningKeyError) in try SigningKey(secret) }
            let signer = try signer(with: key, from: source, environment)
            let issuer = assertion.issuer ?? key.owner ?? clientID
            guard !issuer.isEmpty else {
                throw .unusable(
                    source: source.description,
                    problem: "does not say whose key it is; write client_id or assertion_issuer"
                )
            }
            return ReadSigningKey(signer: signer, issuer: issuer)
        } catch {
            throw CredentialError(fault: .privateKeyUnusable, reason: error)
        }
    }

    private func signer(
        with key: SigningKey,
        from source: SecretSource,
        _ environment: [String: String]
    ) throws(SecretError) -> AssertionSigner {
        guard !certificate.isEmpty, !hasCertificate else {
            return try source.checking { () throws(SigningKeyError) in
                try AssertionSigner(key: key, algorithm: assertion.algorithm, keyID: assertion.keyID)
            }
        }
        // With the right algorithm the certificate alone can be at fault.
        _ = try source.checking { () throws(SigningKeyError) in
            try AssertionSigner(key: key, algorithm: assertion.algorithm)
        }
        let (pem, place) = try certificate.readFirst(.document, environment)
        return try place.checking { () throws(SigningKeyError) in
            try AssertionSigner(key: key, algorithm: assertion.algorithm, keyID: assertion.keyID, certificate: pem)
        }
    }

    /// What signs with `secret` (HS256).
    func secretSigner(with secret: ReadableSecret) throws(CredentialError) -> AssertionSigner {
        do throws(SecretError) {
            return try secrets[secret.place].checking { () throws(SigningKeyError) in
                try AssertionSigner(secret: secret.secret, keyID: assertion.keyID)
            }
        } catch {
            throw CredentialError(fault: .secretUnreadable, reason: error)
        }
    }
}

extension [SecretSource] {
    /// The first that can be read, and where it was.
    func readFirst(
        _ form: SecretForm,
        _ environment: [String: String]
    ) throws(SecretError) -> (Secret, SecretSource) {
        var errors: [SecretError] = []
        for source in self {
            do throws(SecretError) {
                return (try source.resolve(form, environment: environment).secret, source)
            } catch {
                errors.append(error)
            }
        }
        throw errors.count == 1 ? errors[0] : .noneReadable(errors)
    }
}

extension SecretSource {
    /// The value, or why what was read here is of no use.
    fileprivate func checking<Value>(_ use: () throws(SigningKeyError) -> Value) throws(SecretError) -> Value {
        do throws(SigningKeyError) {
            return try use()
        } catch {
            throw .unusable(source: description, problem: error.description)
        }
    }
}
