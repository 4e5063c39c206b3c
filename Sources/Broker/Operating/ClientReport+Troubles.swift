internal import Diagnosis
internal import Logging
internal import OAuth2
internal import TokenLifecycle

extension ClientReport {
    /// A trouble, and the failure that it comes of.
    struct Trouble: Sendable {
        let kind: TroubleWatch.Trouble
        let failure: TokenEndpointFailure

        /// By the wall clock.
        let diesAt: Duration?
        let explanation: Explanation

        func metadata(of client: ClientName) -> Logger.Metadata {
            var metadata: Logger.Metadata = [
                "client": "\(client)", "cause": "\(failure.error)",
                "remedy": "\(explanation.remedy)",
            ]
            if let likely = explanation.likelyCause { metadata["likely_cause"] = "\(likely.rawValue)" }
            if let diesAt { metadata["dies_at"] = "\(UTCText.text(diesAt))" }
            return metadata
        }
    }

    /// What an operator would be woken for, by what is in use.
    ///
    /// - Parameter looksAhead: whether what still serves and ends within the hour counts too.
    func troubles(at now: Moment, looksAhead: Bool) -> [Trouble] {
        var troubles: [Trouble] = []
        let leading = leading.report
        if let failure = leading.lastFailure?.failure {
            let kind: TroubleWatch.Trouble? =
                switch leading.state {
                case .loginRequired: .loginRequired
                case .misconfigured: .misconfigured
                case .expired where leading.isWarm: .unserved
                case .idle, .fresh, .refreshing, .fetching, .retrying, .expired: nil
                }
            if let kind {
                troubles.append(trouble(kind, failure, diesAt: leading.diesAt))
            }
        }
        if looksAhead, let dying = nextToDie, let diesAt = dying.diesAt, diesAt - now.sinceEpoch <= Self.lastHour,
            let failure = dying.lastFailure?.failure
        {
            troubles.append(trouble(.dying, failure, diesAt: diesAt))
        }
        return troubles
    }

    private func trouble(
        _ kind: TroubleWatch.Trouble,
        _ failure: TokenEndpointFailure,
        diesAt: Duration?
    ) -> Trouble {
        Trouble(kind: kind, failure: failure, diesAt: diesAt, explanation: explain(failure))
    }

    /// Time for a person to do something about it.
    private static let lastHour: Duration = .seconds(3_600)

    /// Of what is in use and cannot be renewed, what ends first.
    private var nextToDie: SlotReport? {
        slots.map(\.report).filter { $0.isWarm && $0.lastFailure != nil && $0.diesAt != nil }
            .min { ($0.diesAt ?? .zero) < ($1.diesAt ?? .zero) }
    }

    /// Whether the latest attempts of all that is in use succeeded, and brought something.
    var isWell: Bool {
        let warm = slots.map(\.report).filter(\.isWarm)
        let used = warm.isEmpty ? [leading.report] : warm
        return used.allSatisfy { $0.lastFailure == nil && $0.serving }
    }
}
