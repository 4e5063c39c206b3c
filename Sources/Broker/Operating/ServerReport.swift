internal import LocalAPI
internal import OAuth2
internal import TokenLifecycle

/// What the operator is told of one authorization server.
struct ServerReport: Sendable {
    let server: ServerBudgets.Report
    let load: ServerLoad

    /// As the socket says it, `now` being the time since 1970-01-01 UTC.
    func status(now: Duration) -> ServerStatus {
        ServerStatus(
            origin: server.origin,
            inFlight: server.inFlight,
            waiting: server.waiting,
            failing: server.isFailing,
            requestsPerSecond: server.budget.requestsPerSecond,
            requestsPerSecondNeeded: (load.requestsPerSecond * 1_000).rounded() / 1_000,
            clockSkew: server.clockSkew?.wholeSeconds,
            pausedUntil: server.pause.map { (now + $0).wholeSeconds },
            warnings: warnings
        )
    }

    private var warnings: [String] {
        [load.excess(over: server.budget).map { "\($0.problem); \($0.remedy)" }, skewWarning, pauseWarning]
            .compactMap(\.self)
    }

    private var pauseWarning: String? {
        server.pause.map { pause in
            "it wants to be left alone for \(DurationText.text(.seconds(pause.components.seconds + 1))) more; "
                + "lower requests_per_second if that happens again"
        }
    }

    private var skewWarning: String? {
        guard let skew = server.clockSkew, skew.magnitude >= ServerBudgets.toleratedClockSkew else { return nil }
        let difference = DurationText.text(skew.magnitude)
        return
            "its clock is \(difference) \(skew > .zero ? "ahead of" : "behind") this machine's; synchronise the clock "
            + "that is wrong, or dates and assertions will be misjudged"
    }
}

extension ClientReport {
    /// Adds what keeping this client's tokens fresh takes to the load of its server.
    func add(to load: inout ServerLoad) {
        for slot in slots where slot.report.isWarm {
            load.add(lifetime: slot.report.lifetime, refreshAt: refreshAt)
        }
    }
}
