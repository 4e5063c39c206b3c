/// What a server's queue wants done.
package enum ServerQueueAction<ID: Hashable & Sendable>: Sendable, Equatable {
    case start(ID)
    /// Call `timerFired` at this time of CLOCK_BOOTTIME; replaces an earlier one.
    case setTimer(at: Duration)
    case cancelTimer
}

/// One authorization server's budget: so many requests at once, so many a second, by earliest death and not by arrival.
package struct ServerQueue<ID: Hashable & Sendable>: Sendable {
    private struct Waiting {
        let id: ID
        /// Before all others when nothing serves any more.
        let deathAt: Duration?
        let arrival: UInt64

        func precedes(_ other: Waiting) -> Bool {
            switch (deathAt, other.deathAt) {
            case (nil, nil): arrival < other.arrival
            case (nil, _): true
            case (_, nil): false
            case (let mine?, let theirs?): mine == theirs ? arrival < other.arrival : mine < theirs
            }
        }
    }

    /// A server that counts a little differently must still not find us over its limit.
    private static var margin: Double { 1.02 }

    private let concurrent: Int
    /// In any window of `windowLength`, at most `windowSize` starts.
    private let windowSize: Int
    private let windowLength: Duration

    private var waiting: [Waiting] = []
    private var running: Set<ID> = []
    private var starts: [Duration] = []
    private var arrivals: UInt64 = 0
    private var pausedUntil: Duration?

    /// A budget of `concurrent` requests in flight and `requestsPerSecond` starts; both at least a little.
    package init(concurrent: Int, requestsPerSecond: Double) {
        self.concurrent = max(1, concurrent)
        let rate = max(requestsPerSecond, 0.001)
        windowSize = max(1, Int(rate.rounded(.down)))
        windowLength = .nanoseconds(Int64(Double(windowSize) / rate * Self.margin * 1e9))
    }

    package var runningCount: Int { running.count }
    package var waitingCount: Int { waiting.count }

    /// A request wants its turn.
    ///
    /// - Parameter deathAt: when callers would notice, on CLOCK_BOOTTIME; nil when they do already.
    package mutating func enqueued(_ id: ID, deathAt: Duration?, now: Duration) -> [ServerQueueAction<ID>] {
        arrivals += 1
        let entry = Waiting(id: id, deathAt: deathAt, arrival: arrivals)
        var low = 0
        var high = waiting.count
        while low < high {
            let middle = (low + high) / 2
            if waiting[middle].precedes(entry) { low = middle + 1 } else { high = middle }
        }
        waiting.insert(entry, at: low)
        return startDue(now)
    }

    /// A started request ended; `retryAfter` is how long the server wants to be left alone.
    package mutating func finished(_ id: ID, retryAfter: Duration?, now: Duration) -> [ServerQueueAction<ID>] {
        running.remove(id)
        if let retryAfter {
            let until = now + min(retryAfter, Backoff.longestRetryAfter)
            pausedUntil = max(pausedUntil ?? until, until)
        }
        return startDue(now)
    }

    package mutating func timerFired(now: Duration) -> [ServerQueueAction<ID>] { startDue(now) }

    private mutating func startDue(_ now: Duration) -> [ServerQueueAction<ID>] {
        var actions: [ServerQueueAction<ID>] = []
        while !waiting.isEmpty, running.count < concurrent {
            let allowed = startAllowed(now)
            guard allowed <= now else { return actions + [.setTimer(at: allowed)] }
            let next = waiting.removeFirst()
            running.insert(next.id)
            starts.append(now)
            if starts.count > windowSize { starts.removeFirst(starts.count - windowSize) }
            actions.append(.start(next.id))
        }
        return actions + [.cancelTimer]
    }

    private func startAllowed(_ now: Duration) -> Duration {
        let paced = starts.count < windowSize ? now : starts[0] + windowLength
        return max(paced, pausedUntil ?? paced)
    }
}
