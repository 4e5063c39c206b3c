import OAuth2
import TokenLifecycle

/// A grant's machine and the clocks that a test moves by hand.
struct GrantInTime {
    static let start = Moment(sinceBoot: .seconds(100_000), sinceEpoch: .seconds(1_700_000_000))
    static let absence = TokenEndpointFailure(.loginRequired, .noRefreshToken)

    var machine: GrantMachine
    var now = GrantInTime.start
    private var turns: UInt64 = 0

    init(_ policy: GrantPolicy = GrantPolicy()) {
        machine = GrantMachine(policy: policy, absence: Self.absence)
    }

    /// A machine that holds `grant`.
    static func holding(_ grant: RefreshGrant = makeGrant(), _ policy: GrantPolicy = GrantPolicy()) -> GrantInTime {
        var time = GrantInTime(policy)
        time.machine.replaced(by: grant)
        return time
    }

    mutating func pass(_ duration: Duration) { now = now.advanced(by: duration) }

    /// Wants a turn, and gives back its name and what is to be done.
    mutating func want(_ purpose: TurnPurpose = .tokenRequest) -> (turn: TurnID, actions: [GrantAction]) {
        turns += 1
        let turn = TurnID(turns)
        return (turn, machine.turnWanted(turn, for: purpose, now: now))
    }

    mutating func end(_ turn: TurnID) -> [GrantAction] { machine.turnEnded(turn, now: now) }

    /// A turn that came at once, and what it may present.
    mutating func present() throws -> (turn: TurnID, presentation: Presentation) {
        let (turn, actions) = want()
        guard actions == [.begin(turn)] else { throw NoTurn(actions: actions) }
        return (turn, try machine.presentation(turn, now: now).get())
    }

    /// A whole turn that fails.
    @discardableResult
    mutating func fail(_ failure: TokenEndpointFailure) throws -> (verdict: GrantVerdict, failure: TokenEndpointFailure)
    {
        let (turn, presentation) = try present()
        let outcome = machine.failed(failure, of: presentation, spread: 0, now: now)
        _ = end(turn)
        return outcome
    }

    /// A whole turn that brings a token, and `refreshToken` with it.
    @discardableResult
    mutating func succeed(_ refreshToken: String?, expiresIn: Duration? = nil) throws -> RefreshGrant {
        let (turn, presentation) = try present()
        let verdict = machine.granted(
            response(refreshToken, expiresIn: expiresIn),
            for: presentation,
            sent: now
        )
        _ = end(turn)
        guard case .granted(let grant) = verdict else { throw NoTurn(actions: []) }
        return grant
    }

    /// When it is to be used though nobody needs a token, since 1970-01-01 UTC.
    var useDue: Duration? {
        machine.useDue(now: now).map { now.sinceEpoch + $0 - now.sinceBoot }
    }

    func report() -> GrantReport { machine.report(now: now) }
}

/// The turn did not come.
struct NoTurn: Error {
    let actions: [GrantAction]
}

func response(_ refreshToken: String?, expiresIn: Duration? = nil) -> TokenResponse {
    TokenResponse(
        accessToken: Secret("access"),
        refreshToken: refreshToken.map { Secret($0) },
        refreshTokenExpiresIn: expiresIn
    )
}

func makeGrant(
    _ token: String = "r1",
    lineage: String = "one",
    sequence: Int64 = 1,
    issued: Duration = GrantInTime.start.sinceEpoch,
    statedEnd: Duration? = nil
) -> RefreshGrant {
    guard let client = ClientName("billing") else { fatalError("no client name") }
    return RefreshGrant(
        id: GrantID(client: client, lineage: GrantLineage(lineage)),
        sequence: sequence,
        refreshToken: Secret(token),
        clientID: "id",
        tokenEndpoint: "https://as.example/token",
        firstIssuedAt: issued,
        renewedAt: issued,
        statedEnd: statedEnd
    )
}

/// Failures as the wire reports them.
enum GrantFailures {
    static let unsent = TokenEndpointFailure(.transient, error: "connection_refused", transport: .connectionRefused)
    static let busy = TokenEndpointFailure(.transient, error: "rate_limited", serverStatus: 429)
    static let lost = TokenEndpointFailure(.unknown, error: "reset_after_sending", transport: .resetAfterSending)
    static let gateway = TokenEndpointFailure(
        .unknown,
        error: "http_server_error",
        serverStatus: 502,
        retryAfter: .seconds(120)
    )
    static let refused = TokenEndpointFailure(
        .loginRequired,
        error: "invalid_grant",
        serverWords: "the refresh token was used before",
        serverStatus: 400
    )
    static let misconfigured = TokenEndpointFailure(.configuration, error: "invalid_client", serverStatus: 401)
    static let halted = TokenEndpointFailure(.halted, error: "empty_answer", serverStatus: 403)
}
