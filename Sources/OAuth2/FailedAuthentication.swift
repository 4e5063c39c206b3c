extension TokenEndpointFailure {
    /// What GitHub and Slack say in place of `invalid_client`, under 200.
    private static let wrongSecret: Set = ["incorrect_client_credentials", "bad_client_secret"]

    /// Whether the server did not accept how the client proved itself, and nothing else is known to be wrong.
    ///
    /// What `grant` presents only once counts as not spent by the server's stated error alone (RFC 6749 §5.2 has the
    /// client authenticated before its grant is looked at); a refusal without one may mean anything.
    ///
    /// - Parameter grant: What the request presented; nil for a request that presents nothing to be spent.
    package func isFailedAuthentication(presenting grant: Grant?) -> Bool {
        // Throttling, web pages and what a provider wants left alone are of other classes.
        guard failureClass == .configuration, localFault == nil, transport == nil else { return false }
        if error == OAuthErrorCode.invalidClient.rawValue || Self.wrongSecret.contains(error) { return true }
        let isStated = AnswerFault(rawValue: error) == nil
        switch serverStatus {
        // Older Keycloak's word for a wrong secret is unauthorized_client.
        case 401: return isStated || !(grant?.isSingleUse ?? false)
        case 403: return !isStated && !(grant?.isSingleUse ?? false)
        default: return false
        }
    }
}
