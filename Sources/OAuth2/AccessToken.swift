/// An access token as it is kept and served.
package struct AccessToken: Sendable, Equatable {
    /// What the caller presents.
    package var value: Secret

    /// As the server wrote it, `Bearer` when it wrote none; compared without regard to case (RFC 6749 §5.1).
    package var tokenType: String

    /// What the server granted, which may be less than was asked for.
    package var scope: ScopeSet

    /// From the receipt to the end, in whole seconds; nil for a token that does not expire.
    package var lifetime: Duration?

    /// When the request that brought it was sent.
    package var receipt: Receipt

    package init(value: Secret, tokenType: String, scope: ScopeSet, lifetime: Duration?, receipt: Receipt) {
        self.value = value
        self.tokenType = tokenType
        self.scope = scope
        self.lifetime = lifetime
        self.receipt = receipt
    }
}
