import OAuth2

extension ExplanationRow {
    /// The row for a refusal that an assertion brought on; nil when it was not that.
    ///
    /// What the server names is believed; where it names nothing the clocks come first, as far as they are known to differ.
    static func assertion(_ failure: TokenEndpointFailure) -> ExplanationRow? {
        guard failure.failureClass == .configuration, let assertion = failure.assertion,
            let purpose = purpose(of: assertion, for: failure)
        else { return nil }
        let named = Complaint(failure.serverWords)
        switch named ?? (assertion.isOutOfTime ? .time : nil) {
        case .audience:
            return row(
                "The authorization server does not take itself for whom the assertion is addressed to: {words}.",
                "Set assertion_audience in {section} to what the authorization server wants there, its token endpoint or "
                    + "its issuer."
            )
        case .time:
            return row(
                "The authorization server finds the time of the assertion wrong: \(clocks(assertion)).",
                "Set the clock of this machine right, or have the authorization server's set right, with a time service "
                    + "such as systemd-timesyncd."
            )
        case .repetition:
            return row(
                "The authorization server has seen the assertion before, although each is sent once: {words}.",
                "Look for a proxy that sends requests again; the next attempt carries a new assertion."
            )
        case .key:
            return row("The authorization server cannot verify the assertion: {words}.", keyRemedy(purpose))
        case .subject:
            return row(
                "The authorization server does not take the assertion's issuer or subject: {words}.",
                "Check assertion_issuer and assertion_subject in {section}, and what the authorization server lets them do."
            )
        case nil:
            return row(
                failure.error == AnswerFault.empty.rawValue
                    ? "The authorization server refuses the assertion, it seems: the answer is empty."
                    : "The authorization server does not accept the assertion: {words}.",
                generalRemedy(purpose)
            )
        }
    }

    private static func row(_ summary: String, _ remedy: String) -> ExplanationRow {
        ExplanationRow(any: .configuration, summary, remedy)
    }

    /// What the refused assertion was for; nil when the refusal is of something else.
    private static func purpose(
        of assertion: PresentedAssertion,
        for failure: TokenEndpointFailure
    ) -> PresentedAssertion.Purpose? {
        let proof = assertion.purposes.first { $0 != .grant }
        let grant = assertion.purposes.first { $0 == .grant }
        switch OAuthErrorCode(rawValue: failure.error) {
        case .invalidGrant: return grant
        case .invalidClient: return proof ?? grant
        case .invalidRequest, .unauthorizedClient, .accessDenied:
            let words = failure.serverWords?.lowercased() ?? ""
            return words.contains("assertion") || words.contains("jwt") ? proof ?? grant : nil
        default:
            // Some servers refuse a client without a word.
            let isMute = failure.error == AnswerFault.empty.rawValue
            return isMute && [401, 403].contains(failure.serverStatus) ? proof : nil
        }
    }

    private static func clocks(_ assertion: PresentedAssertion) -> String {
        guard let skew = assertion.clockSkew, assertion.isOutOfTime else { return "{words}" }
        return "its clock is \(skew.magnitudeInSeconds) s \(skew > .zero ? "ahead of" : "behind") this machine's"
    }

    private static func keyRemedy(_ purpose: PresentedAssertion.Purpose) -> String {
        purpose == .client(signedWithSecret: true)
            ? "Check that client_secret in {section} is the one that the authorization server has, and that it takes HS256 "
                + "from this client."
            : "Check that the public half of private_key in {section} is registered for the client at the authorization "
                + "server, and that key_id and signing_algorithm are what it has there."
    }

    private static func generalRemedy(_ purpose: PresentedAssertion.Purpose) -> String {
        switch purpose {
        case .client(signedWithSecret: true):
            "Check in {section} first client_id and client_secret, then assertion_audience, which is the server's token "
                + "endpoint or its issuer, and then both clocks."
        case .client(signedWithSecret: false):
            "Check first that the public half of private_key in {section} is registered for client_id, then "
                + "assertion_audience, which is the server's token endpoint or its issuer, and then both clocks."
        case .grant:
            "Check first both clocks, then in {section} assertion_issuer and assertion_subject, then assertion_audience, "
                + "and that the public half of private_key is registered for the issuer."
        }
    }
}

/// What a server complains of, by its words: these only rank what the code leaves open.
private enum Complaint {
    case audience, key, repetition, time, subject

    /// The first that some word names; nil when none does.
    init?(_ words: String?) {
        let words = Set((words ?? "").lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init))
        guard let complaint = Complaint.words.first(where: { !$0.words.isDisjoint(with: words) })?.complaint else {
            return nil
        }
        self = complaint
    }

    /// From the plainest to what may stand beside any of the others.
    private static let words: [(complaint: Complaint, words: Set<String>)] = [
        (.audience, ["aud", "audience", "audiences"]),
        (.repetition, ["jti", "replay", "replayed", "reuse", "reused", "repeated"]),
        (
            .key,
            ["signature", "signatures", "kid", "key", "keys", "jwk", "jwks", "certificate", "thumbprint", "x5t", "alg"]
        ),
        (
            .time,
            [
                "iat", "exp", "nbf", "expired", "expiration", "expires", "lifetime", "future", "clock", "time",
                "timeframe", "active", "yet",
            ]
        ),
        (.subject, ["sub", "subject", "iss", "issuer", "account", "user", "email"]),
    ]
}

extension Duration {
    fileprivate var magnitudeInSeconds: Int64 { abs(components.seconds) }
}
