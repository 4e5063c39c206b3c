package import OAuth2

extension TokenSlotMachine {
    /// What the operator sees, from the latest attempt.
    package func report(now: Moment) -> SlotReport {
        let serving = life?.isUsable(minTTL: nil, now) ?? false
        let remaining = life?.remaining(now)
        let expiresAt = remaining.map { now.sinceEpoch + $0 }
        return SlotReport(
            state: state(serving: serving),
            serving: serving,
            expiresAt: expiresAt,
            nextAttemptAt: (inFlight == nil ? plannedAttempt : nil).map { now.sinceEpoch + ($0 - now.sinceBoot) },
            diesAt: serving ? expiresAt.map { $0 - (life?.defaultMinTTL ?? .zero) } : nil,
            lastFailure: failure.map { SlotReport.LastFailure(failure: $0.failure, at: $0.at) },
            isWarm: isWarm(now) || !waiters.isEmpty,
            lifetime: life?.lifetime,
            waiters: waiters.count
        )
    }

    /// The state alone; quick, for whoever looks for a change after each event.
    package func state(now: Moment) -> SlotState {
        state(serving: life?.isUsable(minTTL: nil, now) ?? false)
    }

    private func state(serving: Bool) -> SlotState {
        if let failure {
            switch failure.failure.failureClass {
            case .configuration, .endpointMisconfigured: return .misconfigured
            case .loginRequired, .expiredDeviceCode: return .loginRequired
            case .transient, .unknown, .protocol, .slowDown, .authorizationPending, .dpopNonceRequired:
                return serving ? .retrying : .expired
            }
        }
        if inFlight != nil { return serving ? .refreshing : .fetching }
        return serving ? .fresh : .idle
    }
}
