internal import OAuth2
internal import Synchronization
internal import TokenLifecycle

/// How many requests a server gets at once and per second, shared by all clients of that server.
///
/// A server is an origin: scheme, host and port.
package final class ServerBudgets: Sendable {
    private struct Server {
        var queue: ServerQueue
        let timer: DeadlineTimer
        var isFailing = false
        var clockSkew: Duration?
    }

    /// A request that waits, and whom to tell.
    private struct Waiting {
        /// Nil for what is no slot's.
        let slot: TokenSlotID?
        let start: @Sendable () -> Void
        let refuse: @Sendable (_ wait: Duration) -> Void
    }

    private struct State {
        var servers: [String: Server] = [:]
        var configured: [String: ServerBudget] = [:]
        var waiting: [UInt64: Waiting] = [:]
        var lastRequest: UInt64 = 0
    }

    private let time: TimeSource
    private let deadlines: Deadlines
    private let state = Mutex(State())

    package init(time: TimeSource, deadlines: Deadlines) {
        self.time = time
        self.deadlines = deadlines
    }

    /// Takes the operator's budgets, by origin; they count at once, and a pause that a server asked for goes on.
    package func configure(_ budgets: [String: ServerBudget]) {
        let now = time.now().sinceBoot
        let starts = state.withLock { state -> [@Sendable () -> Void] in
            var starts: [@Sendable () -> Void] = []
            for origin in state.servers.keys {
                let budget = budgets[origin] ?? .standard
                guard budget != state.configured[origin] ?? .standard else { continue }
                let actions =
                    state.servers[origin]?.queue.budgetChanged(
                        concurrent: budget.concurrent,
                        requestsPerSecond: budget.requestsPerSecond,
                        now: now
                    ) ?? []
                starts += apply(actions, origin: origin, to: &state)
            }
            state.configured = budgets
            return starts
        }
        for start in starts { start() }
    }

    /// A request that has, or waits for, its place in a server's budget.
    struct Place: Hashable, Sendable {
        let origin: String
        let number: UInt64

        var id: PlaceID { PlaceID(number) }
    }

    /// Calls `start` when the server's budget allows, the earliest death first, or `refuse` with how long the server
    /// wants to be left alone.
    ///
    /// - Parameter deathAt: when callers would notice, on CLOCK_BOOTTIME; nil when they do already.
    func enqueue(
        _ slot: TokenSlotID?,
        origin: String,
        deathAt: Duration?,
        start: @escaping @Sendable (Place) -> Void,
        refuse: @escaping @Sendable (_ wait: Duration) -> Void
    ) -> Place {
        let now = time.now().sinceBoot
        let (place, starts) = state.withLock { state -> (Place, [@Sendable () -> Void]) in
            state.lastRequest += 1
            let place = Place(origin: origin, number: state.lastRequest)
            state.waiting[place.number] = Waiting(slot: slot, start: { start(place) }, refuse: refuse)
            ensureServer(origin, &state)
            let actions = state.servers[origin]?.queue.enqueued(place.id, deathAt: deathAt, now: now) ?? []
            return (place, apply(actions, origin: origin, to: &state))
        }
        for start in starts { start() }
        return place
    }

    /// Whether the request at `place` was not started yet.
    func isWaiting(_ place: Place) -> Bool { state.withLock { $0.waiting[place.number] != nil } }

    /// Gives up a place that is not needed any more, and returns true; one whose request was started is given back when
    /// that ends.
    @discardableResult
    func withdraw(_ place: Place) -> Bool {
        state.withLock { state in
            guard state.waiting.removeValue(forKey: place.number) != nil else { return false }
            state.servers[place.origin]?.queue.withdrawn(place.id)
            return true
        }
    }

    /// Gives the place back, with what the server's answer said about itself.
    func finished(_ place: Place, retryAfter: Duration?) {
        let now = time.now().sinceBoot
        let starts = state.withLock { state in
            let actions =
                state.servers[place.origin]?.queue.finished(place.id, retryAfter: retryAfter, now: now) ?? []
            return apply(actions, origin: place.origin, to: &state)
        }
        for start in starts { start() }
    }

    /// Notes whether the server answered as a server should, and returns true on the first such answer after a failure.
    func note(_ outcome: TokenRequestOutcome, of origin: String) -> Bool {
        guard let isFailing = outcome.isServerFailing else { return false }
        return state.withLock { state in
            let wasFailing = state.servers[origin]?.isFailing ?? false
            state.servers[origin]?.isFailing = isFailing
            return wasFailing && !isFailing
        }
    }

    /// Less may come from the way of the answer, and harms no token.
    static let toleratedClockSkew = Duration.seconds(30)

    /// Notes how far the server's clock is ahead of ours, and returns true when it is more than tolerated for the first
    /// time after it was less.
    func note(clockSkew: Duration, of origin: String) -> Bool {
        state.withLock { state in
            let was = state.servers[origin]?.clockSkew ?? .zero
            state.servers[origin]?.clockSkew = clockSkew
            return clockSkew.magnitude >= Self.toleratedClockSkew && was.magnitude < Self.toleratedClockSkew
        }
    }

    /// What the operator sees of a server.
    struct Report: Sendable {
        let origin: String
        let inFlight: Int
        let waiting: Int
        let isFailing: Bool

        /// How far the server's clock is ahead of ours, in whole seconds; nil when it has not said.
        let clockSkew: Duration?

        /// How long it wants to be left alone; nil when it does not.
        let pause: Duration?
        let budget: ServerBudget
    }

    /// The servers that were asked, in the order of their names.
    func reports() -> [Report] {
        let now = time.now().sinceBoot
        let (servers, configured) = state.withLock { ($0.servers, $0.configured) }
        return servers.sorted { $0.key < $1.key }.map { origin, server in
            Report(
                origin: origin,
                inFlight: server.queue.runningCount,
                waiting: server.queue.waitingCount,
                isFailing: server.isFailing,
                clockSkew: server.clockSkew,
                pause: server.queue.pause(now: now).map { $0 - now },
                budget: configured[origin] ?? .standard
            )
        }
    }

    /// When the slots whose requests wait get their turn at the earliest, on CLOCK_BOOTTIME.
    func turns() -> [TokenSlotID: Duration] {
        let now = time.now().sinceBoot
        return state.withLock { state in
            let turns = state.servers.values.flatMap { $0.queue.turns(now: now) }
            return Dictionary(
                turns.compactMap { id, turn in state.waiting[id.number]?.slot.map { ($0, turn) } },
                uniquingKeysWith: max
            )
        }
    }

    private func timerFired(origin: String) {
        let now = time.now().sinceBoot
        let starts = state.withLock { state in
            let actions = state.servers[origin]?.queue.timerFired(now: now) ?? []
            return apply(actions, origin: origin, to: &state)
        }
        for start in starts { start() }
    }

    private func ensureServer(_ origin: String, _ state: inout State) {
        guard state.servers[origin] == nil else { return }
        let budget = state.configured[origin] ?? .standard
        let timer = deadlines.timer { [weak self] in self?.timerFired(origin: origin) }
        state.servers[origin] = Server(
            queue: ServerQueue(concurrent: budget.concurrent, requestsPerSecond: budget.requestsPerSecond),
            timer: timer
        )
    }

    private func apply(
        _ actions: [ServerQueueAction],
        origin: String,
        to state: inout State
    ) -> [@Sendable () -> Void] {
        var starts: [@Sendable () -> Void] = []
        for action in actions {
            switch action {
            case .start(let id):
                if let waiting = state.waiting.removeValue(forKey: id.number) { starts.append(waiting.start) }
            case .refuse(let id, let until):
                guard let waiting = state.waiting.removeValue(forKey: id.number) else { continue }
                let wait = until - time.now().sinceBoot
                starts.append { waiting.refuse(wait) }
            case .setTimer(let deadline):
                state.servers[origin]?.timer.set(at: deadline)
            case .cancelTimer:
                state.servers[origin]?.timer.cancel()
            }
        }
        return starts
    }
}
