import OAuth2

extension ExplanationRow {
    /// The row for a cause that is not in `causes`, such as a vendor's own code.
    static func fallback(for failureClass: FailureClass) -> ExplanationRow {
        switch failureClass {
        case .transient:
            ExplanationRow(
                any: failureClass,
                "The authorization server cannot give a token now.",
                "Wait for the daemon to ask again by itself."
            )
        case .unknown:
            ExplanationRow(
                any: failureClass,
                "Whether the authorization server acted on the request is not known.",
                "Wait for the daemon to ask again by itself."
            )
        case .configuration:
            ExplanationRow(
                any: failureClass,
                "The authorization server refuses the client as it is configured.",
                "Look up the server's words, and correct {section} or the client's registration."
            )
        case .loginRequired:
            ExplanationRow(any: failureClass, "The grant is gone.", newRefreshToken)
        case .protocol:
            ExplanationRow(
                any: failureClass,
                "The answer is no token response.",
                "Check token_endpoint in {section}, and look into the authorization server's log."
            )
        case .endpointMisconfigured:
            ExplanationRow(
                any: failureClass,
                "What answers at this address is no token endpoint.",
                "Check token_endpoint in {section}."
            )
        case .halted:
            ExplanationRow(
                any: failureClass,
                "The authorization server refuses the client, and the daemon has stopped asking: more of the same would "
                    + "do harm.",
                "Look up the server's words, correct {section} or the client's registration, and run tokenctl refresh."
            )
        case .unexplainedRefusal:
            ExplanationRow(
                any: failureClass,
                "The authorization server refuses without a reason.",
                "Wait for the daemon, which finds out whether it is the client or the grant."
            )
        case .authorizationPending:
            ExplanationRow(
                any: failureClass,
                "The person has not yet decided about the login.",
                "Finish the login on the other device."
            )
        case .slowDown:
            ExplanationRow(
                any: failureClass,
                "The authorization server was asked too often.",
                "Wait for the daemon, which asks more slowly by itself."
            )
        case .expiredDeviceCode:
            ExplanationRow(
                any: failureClass,
                "The code of the login expired before the person used it.",
                newRefreshToken
            )
        case .dpopNonceRequired:
            ExplanationRow(
                any: failureClass,
                "The authorization server wants proof of possession (RFC 9449) from this client.",
                "Turn off the DPoP requirement for this client at the authorization server."
            )
        }
    }
}
