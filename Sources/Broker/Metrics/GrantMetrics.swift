internal import OAuth2
internal import TokenLifecycle

/// What metrics tell of grants, and of the broker's own alarms.
enum GrantMetrics {
    static func render(
        _ reports: [ClientReport],
        alarms: [Alarms.Standing],
        now: Moment,
        into text: inout OpenMetricsText
    ) {
        text.family("tokenbroker_alarm", type: "gauge", help: "1 while an alarm of the broker itself stands.")
        let standing = Set(alarms.map(\.kind))
        for kind in Alarms.Kind.allCases {
            text.sample("tokenbroker_alarm", labels: [("alarm", kind.rawValue)], value: standing.contains(kind) ? 1 : 0)
        }
        text.family(
            "tokenbroker_grant_expiry_seconds",
            type: "gauge",
            unit: "seconds",
            help: "What is left of the refresh token's life, where its end is known."
        )
        for report in reports {
            guard let grant = report.grant, grant.standing == .held, let endsAt = grant.endsAt else { continue }
            text.sample(
                "tokenbroker_grant_expiry_seconds",
                labels: [("client", report.name.value)],
                value: (endsAt - now.sinceEpoch).inSeconds.rounded(.down)
            )
        }
    }
}
