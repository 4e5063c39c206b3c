package import OAuth2

/// Why a client has not at hand what it proves itself with.
package struct CredentialError: Error, Sendable, Hashable {
    /// Which credential it is about, as a failure names it.
    let fault: LocalFault

    let reason: SecretError

    /// As a slot's machine hears of it: the client cannot be asked for until this changes.
    package var failure: TokenEndpointFailure {
        TokenEndpointFailure(reason.isPassing ? .transient : .configuration, fault, words: reason.description)
    }
}
