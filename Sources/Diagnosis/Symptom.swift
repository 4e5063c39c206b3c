package import OAuth2

/// A failure, and whose it is: what a diagnosis begins with.
package struct Symptom: Sendable {
    package var provider: Provider

    /// What the request presented; nil when that is not known.
    package var grant: Grant?

    /// Of a chain of failures the first, which brought the others about.
    package var failure: TokenEndpointFailure

    package init(provider: Provider, grant: Grant?, failure: TokenEndpointFailure) {
        self.provider = provider
        self.grant = grant
        self.failure = failure
    }
}
