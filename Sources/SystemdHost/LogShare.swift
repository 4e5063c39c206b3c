/// How many lines of the log some kinds of messages may have together: so many at once, and so many more each second.
package struct LogShare: Sendable, Hashable {
    /// Tells apart two shares of one size.
    let name: String
    let burst: Int
    let perSecond: Int

    package init(named name: String = "", burst: Int, perSecond: Int) {
        self.name = name
        self.burst = burst
        self.perSecond = perSecond
    }

    /// The most lines in any stretch of `time`.
    func most(in time: Duration) -> Int { burst + perSecond * Int(time.components.seconds) }
}

/// How the lines that journald takes of a service are shared out among the kinds of its messages.
///
/// journald drops what a service says beyond its limit, whatever it is; what is left out here is counted, and is never
/// what has a share of its own.
package struct LogRates: Sendable {
    /// What journald takes of a service unless the operator sets another limit; more where the disk has room
    /// (journald.conf(5), RateLimitBurst=).
    static let journalBurst = 10_000

    /// The time in which it takes that (RateLimitIntervalSec=).
    static let journalInterval: Duration = .seconds(30)

    /// For all kinds of messages together that have no share of their own.
    let ordinary: LogShare

    /// And of it, for any one kind.
    let eachKind: LogShare

    /// For what is of the levels debug and trace, whatever it is.
    let debug: LogShare

    /// By the ids of the messages.
    let reserved: [String: LogShare]

    /// - Parameter reserved: By the ids of the messages; one share may stand for several of them, which then share it.
    package init(ordinary: LogShare, eachKind: LogShare, debug: LogShare, reserved: [String: LogShare] = [:]) {
        self.ordinary = ordinary
        self.eachKind = eachKind
        self.debug = debug
        self.reserved = reserved
    }

    /// The most lines that are written in any stretch of `time`, with those that tell what was left out.
    package func most(in time: Duration) -> Int {
        let shares = Set(reserved.values).union([ordinary, debug])
        return shares.reduce(0) { $0 + $1.most(in: time) } + LogAccount.mostNotes(in: time)
    }

    /// Whether journald drops nothing, whatever there is to be said.
    package var areWithinJournalLimit: Bool { most(in: Self.journalInterval) < Self.journalBurst }
}
