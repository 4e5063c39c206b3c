/// What a server saw since it was started or reset.
package struct Counters: Sendable, Encodable, Equatable {
    /// Connections accepted, those of the control interface left out.
    package var connections = 0

    /// Those of them that are open.
    package var openConnections = 0

    /// Requests received, by endpoint.
    package var requests: [Endpoint: Int] = [:]

    /// Requests that wait for their release.
    package var held = 0

    /// Token requests of all clients.
    package var total = TokenRequestCounters()

    /// Token requests by client.
    package var clients: [String: TokenRequestCounters] = [:]

    package init() {}

    /// Token requests received.
    package var tokenRequests: Int { total.requests }

    /// What the server saw of `client`.
    package func client(_ client: String) -> TokenRequestCounters { clients[client] ?? TokenRequestCounters() }

    mutating func arrived(_ request: SeenRequest) {
        requests[request.endpoint, default: 0] += 1
        guard request.endpoint == .token else { return }
        total.arrived(request)
        if let client = request.clientID { clients[client, default: TokenRequestCounters()].arrived(request) }
    }

    mutating func answered(_ request: SeenRequest, outcome: String, judgement: RefreshJudgement? = nil) {
        guard request.endpoint == .token else { return }
        total.answered(outcome, judgement)
        if let client = request.clientID { clients[client]?.answered(outcome, judgement) }
    }
}

/// Token requests that a server saw.
package struct TokenRequestCounters: Sendable, Encodable, Equatable {
    /// Received.
    package var requests = 0

    /// By `grant_type`.
    package var grants: [String: Int] = [:]

    /// By what they brought: `issued`, `scripted` for a scripted answer, the error of a refusal, or `abandoned` when
    /// the server was stopped first.
    package var outcomes: [String: Int] = [:]

    /// Refresh tokens presented, by what the server made of them: the names of `RefreshJudgement`.
    package var refreshTokens: [String: Int] = [:]

    /// Received and not yet answered.
    package var inFlight = 0

    /// The most that were in flight at one time.
    package var maximumInFlight = 0

    /// When the first came, in seconds since 1970-01-01 UTC.
    package var firstAt: Double?

    /// When the latest came, in seconds since 1970-01-01 UTC.
    package var lastAt: Double?

    package init() {}

    /// Those that were given a token.
    package var issued: Int { outcomes["issued", default: 0] }

    /// How many refresh tokens were judged so.
    package func judged(_ judgement: RefreshJudgement) -> Int { refreshTokens[judgement.rawValue, default: 0] }

    mutating func arrived(_ request: SeenRequest) {
        requests += 1
        grants[request.grant ?? "", default: 0] += 1
        inFlight += 1
        maximumInFlight = max(maximumInFlight, inFlight)
        firstAt = firstAt ?? request.at.inSeconds
        lastAt = request.at.inSeconds
    }

    mutating func answered(_ outcome: String, _ judgement: RefreshJudgement?) {
        // A reset may have come between.
        inFlight = max(0, inFlight - 1)
        outcomes[outcome, default: 0] += 1
        if let judgement { refreshTokens[judgement.rawValue, default: 0] += 1 }
    }
}
