internal import LinuxHost
internal import LocalAPI
internal import LocalServer
internal import OAuth2

/// A fetch that was answered from the cache, for when its process asks for the very same again.
///
/// Nothing is parsed, looked up or decided anew: what was decided stands while nothing changed that it was decided by. What
/// is left of the token is looked at, and the demand noted, once a second; each fetch is counted.
final class RepeatedFetch: Sendable {
    private let slot: TokenSlot
    private let publication: UInt64
    private let format: TokenFormat
    private let minTTL: Duration?
    private let counters: FetchCounters

    /// What was decided stands while this is the same,
    private let decidedIn: UInt64

    /// and so is the caller's unit; nil where no rule looks at units.
    private let unit: UnitFinding?
    private let event: RecordedEvent
    private let epoch: AccessEpoch

    /// Touched on the server's thread alone, so that it needs no lock.
    private nonisolated(unsafe) var window: ServingWindow

    init(
        of query: TokenQuery,
        by admitted: AdmittedCaller,
        served: ServedToken,
        from slot: TokenSlot,
        counted event: RecordedEvent,
        epoch: AccessEpoch
    ) {
        self.slot = slot
        publication = served.publication
        format = query.format
        minTTL = query.minTTL
        counters = admitted.client.fetches
        decidedIn = admitted.epoch
        self.epoch = epoch
        unit = admitted.isUnitKnown ? admitted.unit : nil
        self.event = event
        unsafe window = served.window
    }

    /// Writes the answer to the repetition of `caller`, who is the process of the first; false when it must be asked anew.
    ///
    /// To be called on the server's thread while the caller's connection stands.
    ///
    /// - Parameter now: when the server looked at the clock, on CLOCK_BOOTTIME.
    func answer(_ caller: Caller, now: Duration, into answer: inout AnswerBuffer) -> Bool {
        guard decidedIn == epoch.number else { return false }
        // A process may have moved to another unit since.
        if let unit, caller.decidingUnit != unit { return false }
        guard let expiresIn = expiresIn(now),
            slot.writeAgain(publication, as: format, expiresIn: expiresIn, into: &answer), answer.isWhole,
            event.countIfOpen(pid: caller.peer.pid)
        else { return false }
        counters.count(.hit)
        return true
    }

    /// Nil when the token is not good enough any more.
    private func expiresIn(_ now: Duration) -> DecimalText? {
        if unsafe window.includes(now) { return unsafe window.expiresIn }
        guard let served = slot.usableToken(minTTL: minTTL), served.publication == publication,
            event.extend(to: served.at)
        else { return nil }
        unsafe window = served.window
        return served.window.expiresIn
    }
}
