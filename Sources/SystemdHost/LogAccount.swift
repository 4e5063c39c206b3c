import Logging

/// What was written of each share, and what was left out of each kind of message.
struct LogAccount {
    /// The messages of one kind that were left out since the last note.
    struct LeftOut {
        let handler: any LogHandler

        /// The first of them.
        let event: LogEvent
        var count = 1
    }

    /// How long what is left out is counted before it is told.
    static let noteInterval: Duration = .seconds(10)

    /// Kinds that are counted one by one; more only a library has, whose messages are not all fixed.
    static let mostKinds = 100

    private static let others = "others"

    private struct Used {
        var lines = 0
        var at: Duration

        mutating func take(of share: LogShare, at now: Duration) -> Bool {
            let back = Int((now - at).components.seconds) * share.perSecond
            if back > 0 {
                lines = max(0, lines - back)
                at = now
            }
            return lines < share.burst
        }
    }

    private let rates: LogRates
    private var shares: [LogShare: Used] = [:]
    private var kinds: [String: Used] = [:]
    private var leftOut: [String: LeftOut] = [:]
    private(set) var noteDue: Duration?

    init(rates: LogRates) { self.rates = rates }

    /// The most notes in any stretch of `time`: at both of its ends, between them, and at the end of the process.
    static func mostNotes(in time: Duration) -> Int { (Int(time / noteInterval) + 2) * (mostKinds + 1) }

    /// Whether `event` has a share of its own.
    func isReserved(_ event: LogEvent) -> Bool {
        event.level > .debug && event.messageID.map { rates.reserved[$0] } != nil
    }

    /// Whether `event` is written; counts it when it is not.
    mutating func take(_ event: LogEvent, for handler: any LogHandler, at now: Duration) -> Bool {
        let isTaken = takeLine(event, at: now)
        if !isTaken { leaveOut(event, handler, at: now) }
        return isTaken
    }

    private mutating func takeLine(_ event: LogEvent, at now: Duration) -> Bool {
        if event.level <= .debug { return take(rates.debug, at: now) }
        if let share = event.messageID.flatMap({ rates.reserved[$0] }) { return take(share, at: now) }
        let kind = known(event.kind)
        guard kinds[kind, default: Used(at: now)].take(of: rates.eachKind, at: now), take(rates.ordinary, at: now)
        else { return false }
        kinds[kind, default: Used(at: now)].lines += 1
        return true
    }

    private mutating func take(_ share: LogShare, at now: Duration) -> Bool {
        guard shares[share, default: Used(at: now)].take(of: share, at: now) else { return false }
        shares[share]?.lines += 1
        return true
    }

    private func known(_ kind: String) -> String {
        kinds.count < Self.mostKinds || kinds[kind] != nil ? kind : Self.others
    }

    private mutating func leaveOut(_ event: LogEvent, _ handler: any LogHandler, at now: Duration) {
        var kind = event.kind
        if leftOut[kind] == nil, leftOut.count >= Self.mostKinds { kind = Self.others }
        leftOut[kind, default: LeftOut(handler: handler, event: event, count: 0)].count += 1
        noteDue = noteDue ?? now + Self.noteInterval
    }

    /// What was left out since the last time.
    mutating func takeLeftOut() -> [LeftOut] {
        defer { (leftOut, noteDue) = ([:], nil) }
        return leftOut.sorted { $0.key < $1.key }.map(\.value)
    }
}

extension LogEvent {
    /// The id of its kind, where that has one.
    fileprivate var messageID: String? { metadata?[LogField.messageID].map(LogText.text(of:)) }

    /// What tells its kind from others.
    fileprivate var kind: String { messageID ?? message.description }
}
