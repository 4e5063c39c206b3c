/// What is known on this side of an assertion that went with a refused request.
package struct PresentedAssertion: Sendable, Hashable {
    /// What it was to prove.
    package enum Purpose: Sendable, Hashable {
        /// Who the client is, signed with its secret or with its private key.
        case client(signedWithSecret: Bool)

        /// That the client may have a token.
        case grant
    }

    /// Both, where the client proves itself by one and presents another.
    package var purposes: Set<Purpose>

    /// How far the server's clock is ahead of the one that the assertion was dated by, negative when behind; nil when the
    /// server did not say.
    package var clockSkew: Duration?

    package init(purposes: Set<Purpose>, clockSkew: Duration? = nil) {
        self.purposes = purposes
        self.clockSkew = clockSkew
    }

    /// Whether the clocks differ so much that the assertion was of the future for the server, or all but over.
    package var isOutOfTime: Bool {
        guard let clockSkew else { return false }
        return clockSkew <= .zero - PresentedAssertion.leeway
            || clockSkew >= ClientAssertion.lifetime - PresentedAssertion.leeway
    }

    /// What the strictest server of which it is known lets pass: Auth0.
    private static let leeway = Duration.seconds(10)
}
