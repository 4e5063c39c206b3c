internal import LocalAPI
internal import OAuth2
internal import TokenLifecycle

extension ClientReport {
    /// The grant as the socket says it; nil for a client that keeps none.
    var grantStatus: GrantStatus? {
        guard let report = grant else { return nil }
        return GrantStatus(
            standing: report.standing?.shown ?? .absent,
            sequence: report.grant.map { Int($0.sequence) },
            firstIssuedAt: report.grant?.firstIssuedAt.wholeSeconds,
            renewedAt: report.grant?.renewedAt.wholeSeconds,
            endsAt: report.endsAt?.wholeSeconds,
            refused: refusal,
            unsaved: report.isUnsaved,
            warning: grantWarning,
            subject: report.grant?.subject?.shown
        )
    }

    private var refusal: GrantStatus.Refusal? {
        guard case .refused(let refusal) = grant?.standing else { return nil }
        return GrantStatus.Refusal(
            at: refusal.at.wholeSeconds,
            error: refusal.error,
            serverWords: refusal.serverWords,
            serverStatus: refusal.serverStatus,
            unansweredAttempts: refusal.unanswered?.count,
            unansweredSince: refusal.unanswered?.since.wholeSeconds
        )
    }

    /// What an operator should know of the grant, with what to do; nil when all is well.
    var grantWarning: String? {
        guard let report = grant else { return nil }
        if report.isEnding {
            return grantKind.isOfLogin
                ? "the refresh token ends soon; log in again: `tokenctl login \(name)`"
                : "the refresh token ends soon; put a new one where refresh_token in the client's section says"
        }
        guard report.standing == .held, let unanswered = report.unanswered else { return nil }
        return
            "the refresh token was presented \(unanswered.count == 1 ? "once" : "\(unanswered.count) times") without an "
            + "answer, and may be spent; it is presented again until the server says"
    }
}

extension GrantStanding {
    fileprivate var shown: GrantStatus.Standing {
        switch self {
        case .held: .held
        case .refused: .refused
        case .restored, .replaced, .superseded: .restored
        }
    }
}
