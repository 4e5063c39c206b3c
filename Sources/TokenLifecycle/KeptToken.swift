package import OAuth2

/// A token that the store holds, with the plan that was drawn for it when it arrived.
package struct KeptToken: Sendable, Equatable {
    /// What is served.
    package var token: AccessToken

    /// The age, from the receipt, at which it is refreshed ahead; nil for a token that does not expire.
    package var refreshAge: Duration?

    /// Whether the server stated the lifetime, and not the configuration; nil when that is not known any more.
    package var isLifetimeStated: Bool?

    /// A token that is to be refreshed at this age.
    package init(token: AccessToken, refreshAge: Duration?, isLifetimeStated: Bool? = nil) {
        self.token = token
        self.refreshAge = refreshAge
        self.isLifetimeStated = isLifetimeStated
    }
}
