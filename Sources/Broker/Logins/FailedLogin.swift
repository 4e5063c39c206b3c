internal import OAuth2

/// The latest login of a client that the authorization server refused.
struct FailedLogin: Sendable {
    var failure: TokenEndpointFailure

    /// What was presented, or was to be.
    var grant: Grant
    var at: Moment

    /// How old the code was at most when it was presented: since the login began; nil when none was.
    var codeAge: Duration?
}
