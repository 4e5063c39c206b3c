package import OAuth2

extension TokenStore {
    /// Whether this first refresh token was taken over before, by whatever client; answered from memory.
    package func wasTakenOver(_ fingerprint: FirstTokenFingerprint) -> Bool { takeovers.contains(fingerprint) }

    /// Whether any first refresh token of the client was taken over before; answered from memory.
    package func hasTakenOver(for client: ClientName) -> Bool { takeovers.hasAny(of: client) }
}
