internal import Diagnosis
internal import LocalAPI
internal import OAuth2
internal import TokenLifecycle

/// What the operator is told of one client: its slots, and the worst of those that are in use.
struct ClientReport: Sendable {
    struct Slot: Sendable {
        let id: TokenSlotID
        let report: SlotReport
    }

    let name: ClientName
    let slots: [Slot]

    /// The share of a lifetime after which its tokens are refreshed.
    let refreshAt: Double
    let configuration: ClientConfiguration

    /// What a failure of it was; looked up once for all who ask.
    let explain: @Sendable (TokenEndpointFailure) -> Explanation

    /// What its tokens are had by; nil when it presents nothing that is kept.
    let grant: GrantReport?

    /// Which of its secrets works; nil when it does not have several.
    let clientSecret: ClientSecretStatus?

    /// How they are had.
    let grantKind: Grant

    init(_ client: Client) {
        grantKind = client.configuration.grant
        grant = client.grant?.report()
        clientSecret = ClientSecretStatus(client)
        name = client.name
        refreshAt = client.configuration.policy.refreshAt
        configuration = client.configuration
        explain = client.explain
        slots = client.slots.map { Slot(id: $0.id, report: $0.report()) }
    }

    /// The slot that speaks for the client: the worst of the warm ones, else the default one.
    var leading: Slot {
        let warm = slots.filter { $0.report.isWarm }
        return warm.max { $0.report.state < $1.report.state } ?? slots[0]
    }

    var state: SlotState { leading.report.state }

    /// Whether it cannot be served and somebody is needed, or at least there to notice.
    ///
    /// What may pass by itself is not tried again for a client that is out of use, and would be held against it for good.
    var isInTrouble: Bool { state > .expired || state == .expired && leading.report.isWarm }

    /// As the socket says it; `turns` are the times since boot at which waiting requests come to the server.
    func status(
        now: Moment,
        turns: [TokenSlotID: Duration],
        findings: TokenVerifier.Findings? = nil
    ) -> ClientStatus {
        let report = leading.report
        return ClientStatus(
            client: name.value,
            state: report.state.shown,
            serving: report.serving,
            expiresAt: report.expiresAt?.wholeSeconds,
            nextAttemptAt: Self.nextAttempt(leading, now, turns)?.wholeSeconds,
            diesAt: report.diesAt?.wholeSeconds,
            lastError: lastError(report),
            slots: slots.map { slot in
                SlotStatus(
                    scope: slot.id.target.scope.wireValue,
                    audience: slot.id.target.audience,
                    resource: slot.id.target.resource,
                    state: slot.report.state.shown,
                    serving: slot.report.serving,
                    expiresAt: slot.report.expiresAt?.wholeSeconds,
                    nextAttemptAt: Self.nextAttempt(slot, now, turns)?.wholeSeconds,
                    diesAt: slot.report.diesAt?.wholeSeconds,
                    lastError: lastError(slot.report),
                    verification: findings?.accessTokens[slot.id.target]
                )
            },
            grant: grantStatus,
            clientSecret: clientSecret,
            verification: findings.map { findings in
                ClientVerification(
                    checkedAt: findings.checkedAt.wholeSeconds,
                    accessToken: findings.worst(of: slots.map(\.id.target)) ?? .noToken(of: name),
                    refreshToken: findings.refreshToken
                )
            }
        )
    }

    /// By the wall clock: now for a request that is at the server, later for one that waits for its turn there.
    private static func nextAttempt(_ slot: Slot, _ now: Moment, _ turns: [TokenSlotID: Duration]) -> Duration? {
        guard slot.report.isAttemptUnderWay else { return slot.report.nextAttemptAt }
        return turns[slot.id].map { now.sinceEpoch + $0 - now.sinceBoot } ?? now.sinceEpoch
    }

    private func lastError(_ report: SlotReport) -> LastError? {
        guard let last = report.lastFailure else { return nil }
        let explanation = explain(last.failure)
        return LastError(
            error: last.failure.errorCode.rawValue,
            cause: last.failure.error,
            summary: explanation.summary,
            remedy: explanation.remedy,
            at: last.at.sinceEpoch.wholeSeconds,
            serverStatus: last.failure.serverStatus,
            serverWords: last.failure.localFault == nil ? last.failure.serverWords : nil,
            providerCode: last.failure.providerCode,
            requestID: last.failure.requestID,
            likelyCause: explanation.likelyCause?.rawValue,
            unansweredAttempts: last.failure.unanswered?.count,
            unansweredSince: last.failure.unanswered?.since.wholeSeconds,
            firstError: last.failure.precededBy?.error,
            firstErrorAt: last.failure.precededBy?.at.wholeSeconds
        )
    }
}

extension ClientSecretStatus {
    /// Nil for a client that does not have several.
    fileprivate init?(_ client: Client) {
        let sources = client.configuration.secrets
        guard sources.count > 1 else { return nil }
        let place = client.workingSecret
        self.init(working: place.map { $0 + 1 }, of: sources.count, source: place.map { "\(sources[$0])" })
    }
}

extension TokenEndpointFailure {
    /// The error that callers hear for it when nothing usable is cached.
    var errorCode: APIErrorCode {
        switch failureClass {
        case .transient, .unknown, .protocol: .temporarilyUnavailable
        case .loginRequired, .expiredDeviceCode, .authorizationPending, .slowDown: .loginRequired
        case .configuration, .endpointMisconfigured, .dpopNonceRequired, .halted, .unexplainedRefusal:
            .clientMisconfigured
        }
    }
}

extension SlotState {
    /// The same word on the socket.
    var shown: ClientState {
        switch self {
        case .idle: .idle
        case .fetching: .fetching
        case .fresh: .fresh
        case .refreshing: .refreshing
        case .retrying: .retrying
        case .expired: .expired
        case .loginRequired: .loginRequired
        case .misconfigured: .misconfigured
        }
    }
}

extension Duration {
    /// For Unix times: rounded down.
    var wholeSeconds: Int { Int(components.seconds) }
}
