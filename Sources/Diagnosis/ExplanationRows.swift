import OAuth2

extension ExplanationRow {
    /// The causes that protocols define or that we name, for every kind of authorization server.
    static let causes: [ExplanationRow] = errorCodes + answerFaults + transportFailures + localFaults

    private static let errorCodes: [ExplanationRow] = [
        ExplanationRow(
            .invalidRequest,
            "The authorization server finds the token request malformed: a parameter is missing, unknown or wrong.",
            "Check audience, resource and parameters in {section} against what the authorization server expects."
        ),
        ExplanationRow(
            .invalidClient,
            "The authorization server does not accept the client's identifier and secret.",
            "Check client_id and client_secret in {section}, and whether the server wants basic_encoding = \"raw\" or "
                + "client_authentication = \"client_secret_post\"."
        ),
        ExplanationRow(
            .invalidGrant,
            in: .configuration,
            "The authorization server does not let this client use the client-credentials grant as it was asked.",
            "Enable the client-credentials grant for this client at the authorization server, and allow it every "
                + "scope in {section}."
        ),
        ExplanationRow(
            .invalidGrant,
            "What the client presented is expired, revoked, used up or another client's.",
            newRefreshToken
        ),
        ExplanationRow(
            .unauthorizedClient,
            "The authorization server knows the client but does not allow it this grant.",
            "Enable the grant that {section} names for this client at the authorization server, and check that the "
                + "client is enabled there."
        ),
        ExplanationRow(
            .unsupportedGrantType,
            "The authorization server does not offer the grant at this endpoint.",
            "Check grant and token_endpoint in {section}, and enable the grant at the authorization server."
        ),
        ExplanationRow(
            .invalidScope,
            "The authorization server does not grant a scope that was asked for.",
            "Check scopes in {section}, and allow each of them to this client at the authorization server."
        ),
        ExplanationRow(
            .invalidTarget,
            "The authorization server does not issue tokens for the audience or resource that was asked for.",
            "Check audience and resource in {section}, and allow them to this client at the authorization server."
        ),
        ExplanationRow(
            .accessDenied,
            "The authorization server refuses the client; some servers say so for a wrong secret.",
            "Check client_secret in {section}, and what the authorization server allows this client."
        ),
        ExplanationRow(
            .serverError,
            "The authorization server reports an error of its own.",
            "Wait for the authorization server to recover, and ask its operator if it does not."
        ),
        ExplanationRow(
            .temporarilyUnavailable,
            "The authorization server is overloaded or under maintenance.",
            "Wait for the authorization server to recover, and ask its operator if it does not."
        ),
        ExplanationRow(
            .interactionRequired,
            in: .configuration,
            "The authorization server wants a person to act, which this grant has no place for.",
            "Exempt this client from policies that ask a person, at the authorization server."
        ),
        ExplanationRow(
            .interactionRequired,
            "The authorization server wants the person to act.",
            newRefreshToken
        ),
        ExplanationRow(
            .consentRequired,
            in: .configuration,
            "Nobody has consented to what the client asks for.",
            "Let an administrator of the authorization server consent to the scopes in {section}."
        ),
        ExplanationRow(
            .consentRequired,
            "The person has not consented to what the client asks for.",
            "Log in with the consent that is asked for, and put the new refresh token where refresh_token in {section} "
                + "says."
        ),
        ExplanationRow(
            .loginRequired,
            in: .configuration,
            "The authorization server wants a person to log in, which this grant has no place for.",
            "Check grant in {section}, and what the authorization server allows this client."
        ),
        ExplanationRow(
            .loginRequired,
            "The authorization server wants the person to log in.",
            newRefreshToken
        ),
        ExplanationRow(
            .authorizationPending,
            "The person has not yet decided about the login.",
            "Finish the login on the other device."
        ),
        ExplanationRow(
            .slowDown,
            "The authorization server was asked too often.",
            "Wait for the daemon, which asks more slowly by itself."
        ),
        ExplanationRow(
            .expiredToken,
            "The code of the login expired before the person used it.",
            newRefreshToken
        ),
        ExplanationRow(
            .useDPoPNonce,
            "The authorization server wants proof of possession (RFC 9449) from this client.",
            "Turn off the DPoP requirement for this client at the authorization server."
        ),
    ]

    /// As a probe found out.
    private static let unexplainedRefusal =
        "The authorization server refuses the refresh token like one that it never issued, and does not say why."

    private static let answerFaults: [ExplanationRow] = [
        ExplanationRow(
            .redirect,
            "The token endpoint answers with a redirect, which credentials never follow.",
            "Set token_endpoint in {section} to the address that the authorization server documents."
        ),
        ExplanationRow(
            .notFound,
            "There is no token endpoint at this address.",
            "Check the path of token_endpoint in {section}, or the tenant, realm or pool within it."
        ),
        ExplanationRow(
            .methodNotAllowed,
            "What is at this address takes no POST, so it is no token endpoint.",
            "Check the path of token_endpoint in {section}."
        ),
        ExplanationRow(
            .page,
            "A web page came in place of a token response: from a captive portal, a firewall or a web site.",
            "Check token_endpoint in {section}, and that no portal, proxy or firewall stands between."
        ),
        ExplanationRow(
            .empty,
            in: .loginRequired,
            unexplainedRefusal,
            newRefreshToken
        ),
        ExplanationRow(
            .empty,
            "The answer is empty.",
            "Check client_id, client_secret and token_endpoint in {section}, and look into the authorization server's "
                + "log."
        ),
        ExplanationRow(
            .unreadable,
            in: .loginRequired,
            unexplainedRefusal,
            newRefreshToken
        ),
        ExplanationRow(
            .unreadable,
            "The answer is no token response: neither JSON nor a form.",
            "Check token_endpoint in {section}, and that no proxy or firewall stands between."
        ),
        ExplanationRow(
            .noAccessToken,
            "The authorization server answered with success, but without an access token.",
            "Check that token_endpoint in {section} is the token endpoint, and look into the authorization server's "
                + "log."
        ),
        ExplanationRow(
            .unusableAccessToken,
            "The access token holds characters that cannot stand in an HTTP header.",
            "Ask the authorization server's operator for tokens as RFC 6750 §2.1 has them."
        ),
        ExplanationRow(
            .unusableTokenType,
            "The token type holds characters that cannot stand in an HTTP header.",
            "Ask the authorization server's operator for a token_type as RFC 6749 §7.1 has it."
        ),
        ExplanationRow(
            .unnamedError,
            in: .loginRequired,
            unexplainedRefusal,
            newRefreshToken
        ),
        ExplanationRow(
            .unnamedError,
            "The authorization server refuses the request without an error code.",
            "Check client_id, client_secret, scopes and parameters in {section}, and look into the authorization "
                + "server's log."
        ),
        ExplanationRow(
            .rateLimited,
            "The authorization server was asked too often.",
            "Lower requests_per_second for this server, or ask its operator for a higher limit."
        ),
        ExplanationRow(
            .requestTimeout,
            "The authorization server did not get the whole request in time.",
            "Check the network between this machine and the authorization server."
        ),
        ExplanationRow(
            .serverFailing,
            "The authorization server, or a gateway before it, is failing.",
            "Wait for the authorization server to recover, and ask its operator if it does not."
        ),
    ]

    private static let transportFailures: [ExplanationRow] = [
        ExplanationRow(
            .nameNotFound,
            "The authorization server's name cannot be resolved.",
            "Check the host in token_endpoint or issuer of {section}, and this machine's DNS."
        ),
        ExplanationRow(
            .connectionRefused,
            "Nothing accepts connections at the authorization server's address.",
            "Check host and port in {section}, that the authorization server runs, and that no firewall refuses."
        ),
        ExplanationRow(
            .connectTimeout,
            "The authorization server's address does not answer.",
            "Check host and port in {section}, the network, and whether connections must go through a proxy."
        ),
        ExplanationRow(
            .certificateRefused,
            "The authorization server's certificate is not trusted, expired, or for another name.",
            "Set ca_file in {section} if a private CA signed it, and otherwise check the host name and this machine's "
                + "clock."
        ),
        ExplanationRow(
            .clientCertificateRefused,
            "The authorization server refuses the client's certificate in the TLS handshake, or the lack of one: "
                + "{words}.",
            "Check certificate in {section}: that it is registered at the authorization server or signed by an "
                + "authority that it trusts, not expired, and followed by the certificates in between."
        ),
        ExplanationRow(
            .tlsFailed,
            "No encrypted connection to the authorization server can be agreed on.",
            "Check that the port in {section} speaks TLS 1.2 or later, and that no proxy breaks it."
        ),
        ExplanationRow(
            .proxyFailed,
            "The proxy does not connect to the authorization server.",
            "Check proxy in {section} and under [daemon], and that the proxy allows the authorization server's host."
        ),
        ExplanationRow(
            .resetBeforeSending,
            "The connection was closed before the request was sent.",
            "Check the network between this machine and the authorization server if it happens again."
        ),
        ExplanationRow(
            .resetAfterSending,
            "The connection was closed before the answer came.",
            "Look into the authorization server's log if it happens again."
        ),
        ExplanationRow(
            .responseTimeout,
            "The authorization server took the request and did not answer in time.",
            "Raise request_timeout in {section} if the authorization server is known to be slow, and otherwise ask its "
                + "operator."
        ),
        ExplanationRow(
            .responseTooLarge,
            "The answer is larger than any token response.",
            "Check that token_endpoint in {section} is the token endpoint."
        ),
        ExplanationRow(
            .notHTTP,
            "What answers at the authorization server's address does not speak HTTP.",
            "Check host, port and scheme of token_endpoint in {section}."
        ),
    ]
}
