import LocalAPI
import Testing

@testable import tokenctl

@Suite("The status table") struct StatusTableTests {
    private static let now = 100_000

    private static func client(
        _ name: String,
        _ state: ClientState,
        serving: Bool,
        expires: Int? = nil,
        next: Int? = nil,
        dies: Int? = nil,
        error: LastError? = nil
    ) -> ClientStatus {
        ClientStatus(
            client: name,
            state: state,
            serving: serving,
            expiresAt: expires.map { now + $0 },
            nextAttemptAt: next.map { now + $0 },
            diesAt: dies.map { now + $0 },
            lastError: error,
            slots: []
        )
    }

    private static func error(_ cause: String, _ remedy: String, status: Int? = nil, words: String? = nil) -> LastError
    {
        LastError(
            error: "x",
            cause: cause,
            summary: "It failed.",
            remedy: remedy,
            at: 0,
            serverStatus: status,
            serverWords: words
        )
    }

    private static let status = StatusDocument(
        version: "1",
        clients: [
            client("billing", .fresh, serving: true, expires: 3_600, next: 2_700, dies: 3_590),
            client("new", .fetching, serving: false),
            client("ahead-of-its-end", .refreshing, serving: true, expires: 45, dies: 35),
            client(
                "flaky",
                .retrying,
                serving: true,
                expires: 150,
                next: 1,
                dies: 140,
                error: error("connection_refused", "Check that the server runs.")
            ),
            client(
                "down",
                .expired,
                serving: false,
                expires: -90,
                next: 0,
                error: error("server_error", "Wait.", status: 502)
            ),
            client(
                "payroll",
                .misconfigured,
                serving: false,
                next: 300,
                error: error("unauthorized_client", "Enable the grant.", status: 400, words: "no such grant")
            ),
            client(
                "ann",
                .loginRequired,
                serving: false,
                error: error("invalid_grant", "Log in.", words: "revoked")
            ),
            client("unused", .idle, serving: false),
        ],
        servers: [],
        alarms: []
    )

    private static let golden = [
        "CLIENT            STATE           SERVING  EXPIRES     NEXT ATTEMPT  DIES AT     LAST ERROR",
        "billing           fresh           yes      in 1h       in 45m        in 59m 50s  -",
        "new               fetching        no       -           -             -           -",
        "ahead-of-its-end  refreshing      yes      in 45s      -             in 35s      -",
        "flaky             retrying        yes      in 2m 30s   in 1s         in 2m 20s   connection_refused",
        "down              expired         no       1m 30s ago  now           -           server_error (HTTP 502)",
        "payroll           misconfigured   no       -           in 5m         -           "
            + "unauthorized_client (HTTP 400): no such grant",
        "ann               login_required  no       -           -             -           invalid_grant: revoked",
        "unused            idle            no       -           -             -           -",
        "",
        "flaky: It failed. Check that the server runs.",
        "down: It failed. Wait.",
        "payroll: It failed. Enable the grant.",
        "ann: It failed. Log in.",
    ]

    private func lines(_ status: StatusDocument, isColoured: Bool = false) -> [String] {
        StatusTable(status, now: Self.now, isColoured: isColoured).lines
    }

    @Test("has a line a client in columns that fit, then what to do about those that failed")
    func plain() {
        #expect(lines(Self.status) == Self.golden)
        #expect(Set(Self.status.clients.map(\.state)) == Set(ClientState.allCases))
    }

    @Test("on a terminal has each line in its state's colour and is otherwise the same")
    func coloured() {
        // Bold, then green for what works, yellow for what still serves, red for what does not.
        let codes = ["1", "32", "32", "32", "33", "31", "31", "31", "0"]
        let painted = zip(codes, Self.golden).map { "\u{1B}[\($0)m\($1)\u{1B}[0m" }
        #expect(lines(Self.status, isColoured: true) == painted + Self.golden.dropFirst(codes.count))
    }

    @Test("is as narrow as its headers when the cells are narrower, with no blanks at the end")
    func narrow() {
        var status = Self.status
        status.clients = [Self.client("a", .idle, serving: false)]
        #expect(
            lines(status) == [
                "CLIENT  STATE  SERVING  EXPIRES  NEXT ATTEMPT  DIES AT  LAST ERROR",
                "a       idle   no       -        -             -        -",
            ]
        )
    }

    @Test("begins with the alarms, and says so when there are no clients")
    func alarms() {
        let status = StatusDocument(
            version: "1",
            clients: [],
            servers: [],
            alarms: [
                AlarmStatus(alarm: "store", message: "the disk is full", since: 1),
                AlarmStatus(alarm: "reload", message: "the reload was refused", since: 2),
            ]
        )
        #expect(
            lines(status) == [
                "ALARM the disk is full", "ALARM the reload was refused", "No clients are configured.",
            ]
        )
        #expect(lines(status, isColoured: true).first == "\u{1B}[31mALARM the disk is full\u{1B}[0m")

        var both = Self.status
        both.alarms = status.alarms
        #expect(lines(both).prefix(2) == lines(status).prefix(2))
        #expect(Array(lines(both).dropFirst(2)) == Self.golden)
    }

    @Test(
        "says times as they are from now",
        arguments: [
            (nil, "-"), (100, "now"), (101, "in 1s"), (99, "1s ago"), (100 + 86_400, "in 1d"),
            (100 - 3_660, "1h 1m ago"),
        ] as [(Int?, String)]
    )
    func relative(time: Int?, text: String) {
        #expect(StatusTable.relative(time, 100) == text)
    }

    @Test("ends with what its servers want an operator to know, and names a failed request to the server's support")
    func serverWarnings() {
        var failure = Self.error("invalid_grant", "Look it up.", status: 400, words: "AADSTS50196")
        failure.providerCode = "50196"
        failure.requestID = "6f7a"
        let table = StatusTable(
            StatusDocument(
                version: "1",
                clients: [Self.client("directory", .misconfigured, serving: false, error: failure)],
                servers: [
                    ServerStatus(
                        origin: "https://as.example",
                        inFlight: 0,
                        waiting: 0,
                        failing: false,
                        requestsPerSecond: 20,
                        warnings: ["its clock is 5m ahead of this machine's; synchronise it"]
                    )
                ],
                alarms: []
            ),
            now: Self.now,
            isColoured: false
        )
        #expect(table.lines[1].hasSuffix("invalid_grant (HTTP 400, 50196): AADSTS50196"))
        #expect(
            table.lines.suffix(2) == [
                "directory: It failed. Look it up. The server's name for the request is 6f7a.",
                "https://as.example: its clock is 5m ahead of this machine's; synchronise it",
            ]
        )
    }

    @Test("ends with what the broker wants an operator to know of itself", arguments: [0, 1])
    func warnings(clients: Int) {
        let clients = [Self.client("a", .fresh, serving: true)].prefix(clients)
        var status = StatusDocument(version: "1", clients: Array(clients), servers: [], alarms: [])
        let before = StatusTable(status, now: Self.now, isColoured: false).lines
        status.warnings = ["the unit rules of a refuse everybody"]
        let lines = StatusTable(status, now: Self.now, isColoured: false).lines
        #expect(lines == before + ["", "the unit rules of a refuse everybody"])
    }

    @Test("ends with what an operator should know of a grant, after what to do about its client")
    func grants() {
        var (ann, quiet, held) = (
            Self.client("ann", .loginRequired, serving: false, error: Self.error("invalid_grant", "Log in.")),
            Self.client("quiet", .idle, serving: false), Self.client("held", .fresh, serving: true)
        )
        ann.grant = GrantStatus(
            standing: .refused,
            refused: GrantStatus.Refusal(
                at: Self.now - 7_200,
                error: "invalid_grant",
                serverWords: "used twice",
                serverStatus: 400,
                unansweredAttempts: 3,
                unansweredSince: 1
            )
        )
        quiet.grant = GrantStatus(standing: .held, unsaved: true, warning: "It ends in 2d: put a new one there.")
        held.grant = GrantStatus(standing: .held, sequence: 4, firstIssuedAt: 1, renewedAt: 2, endsAt: 3)
        var status = Self.status
        status.clients = [ann, quiet, held]
        #expect(
            lines(status).dropFirst(4) == [
                "",
                "ann: It failed. Log in.",
                "ann: The refresh token was refused 2h ago, after 3 without an answer, and is kept but not presented again: "
                    + "invalid_grant (HTTP 400): used twice",
                "quiet: The newest refresh token is in memory alone, since the store takes no write: do not end the daemon. "
                    + "It ends in 2d: put a new one there.",
            ]
        )
        status.clients = [held]
        #expect(lines(status).count == 2)
    }

    @Test("says which of several secrets works, once that is known") func secrets() {
        var known = Self.client("billing", .fresh, serving: true)
        known.clientSecret = ClientSecretStatus(working: 2, of: 3, source: "credential billing-new")
        var unknown = Self.client("quiet", .idle, serving: false)
        unknown.clientSecret = ClientSecretStatus(working: nil, of: 2, source: nil)
        var status = Self.status
        status.clients = [known, unknown]
        #expect(
            lines(status).dropFirst(3) == [
                "", "billing: Of its 3 secrets number 2 worked last: credential billing-new.",
            ]
        )
    }
}
