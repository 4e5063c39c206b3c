internal import SystemdHost

extension LogMessage {
    /// The share of the journal that is kept for such messages; nil for those that share with all others.
    var share: LogShare? {
        switch self {
        case .storeWriteFailed, .grantUnsaved, .storeSetAside, .fileLost, .reloadRefused, .alarmCleared:
            LogRates.alarms
        case .loginRequired, .clientMisconfigured, .diesWithinHour, .clientUnserved, .clientRecovered,
            .refreshTokenEnds:
            LogRates.troubles
        case .ready, .stopping, .standsStill, .goesOn, .configurationReloaded, .operatorCommand:
            LogRates.operation
        default:
            nil
        }
    }
}

extension LogRates {
    /// Ten thousand clients may fail, start, or be reloaded at once, and a crowd of users may be refused: all of that
    /// together stays below what journald takes of a service, and none of it keeps an alarm out.
    static let tokenbroker = LogRates(
        ordinary: LogShare(burst: 3_500, perSecond: 60),
        // A start of two thousand clients; and less than all, so that one kind leaves room for others.
        eachKind: LogShare(burst: 2_000, perSecond: 20),
        debug: LogShare(burst: 400, perSecond: 5),
        reserved: Dictionary(
            uniqueKeysWithValues: LogMessage.allCases.compactMap { kind in kind.share.map { (kind.form.id, $0) } }
        )
    )

    /// Few kinds, each said when it begins and when it ends: many only of a disk that takes every other write.
    fileprivate static let alarms = LogShare(named: "alarms", burst: 300, perSecond: 5)

    /// More than `TroubleWatch` and `Broker.warningsPerRound` say, so that nothing of this is ever left out.
    fileprivate static let troubles = LogShare(
        named: "troubles",
        burst: 4 * TroubleWatch.linesPerSecond,
        perSecond: TroubleWatch.linesPerSecond + 10
    )

    /// What operators do is not to be drowned by what callers do.
    fileprivate static let operation = LogShare(named: "operation", burst: 500, perSecond: 10)
}
