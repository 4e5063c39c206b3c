internal import HeapModule

/// Names a place in a server's queue; the shell gives each name out once.
package struct PlaceID: Sendable, Hashable {
    /// What the shell counted.
    package let number: UInt64

    /// The name of the place with this number.
    package init(_ number: UInt64) { self.number = number }
}

/// What the shell is to do for an authorization server's queue, in order.
package enum ServerQueueAction: Sendable, Hashable {
    /// Send this token request now, and report its end by `finished`.
    case start(PlaceID)

    /// Tell who wants this request that the server is to be left alone until this time since boot; it is forgotten here.
    case refuse(PlaceID, until: Duration)

    /// Report `timerFired` at this time since boot; replaces the timer set before.
    case setTimer(at: Duration)

    /// Forget the timer.
    case cancelTimer
}

/// Keeps the token requests to one authorization server within its budget, the earliest death first.
///
/// At most `concurrent` requests are under way, and their starts are paced just under the rate: no burst is longer than
/// `concurrent`. However long a request is on its way, no second in which they arrive holds more than the server takes:
/// each counts from its start until a second after its end, and it arrived between the two; one that stalls counts for
/// some seconds, so that it does not take the server from others. A server that asks to be left alone is, and who
/// would wait for the end of that hears it at once.
package struct ServerQueue: Sendable {
    /// The more urgent first.
    private struct Waiting: Comparable {
        let id: PlaceID

        /// When callers notice that it was not sent.
        let deathAt: Duration

        /// Counts up; the first come goes first of those that die at one time.
        let arrival: UInt64

        static func < (left: Self, right: Self) -> Bool {
            (left.deathAt, left.arrival) < (right.deathAt, right.arrival)
        }

        static func == (left: Self, right: Self) -> Bool { left.arrival == right.arrival }
    }

    /// How much further apart the starts are than the rate demands: the server's second is not quite ours.
    private static let pacingMargin = 1.02

    /// Less would be no rate but a pause, more no limit.
    private static let sensibleRates = 0.001...10_000

    /// What has been under way for longer has arrived, or its connection is being tried again.
    private static let longestWay: Duration = .seconds(3)

    /// A pause as short as this is waited for.
    private static let shortPause: Duration = .seconds(1)

    private var concurrent = 1

    /// What there is to be from start to start, in the long run.
    private var spacing: Duration = .zero

    /// Any that many starts and the next are apart by that many spacings: few for a burst, more for a second.
    private var windows: [Int] = []

    private var waiting = Heap<Waiting>()

    /// When each that is under way started.
    private var running: [PlaceID: Duration] = [:]

    /// Among `waiting`, and not wanted any more: each is taken out when its turn comes, or with many others.
    private var unwanted: Set<PlaceID> = []
    private var arrivals: UInt64 = 0

    /// How many may count at one time, and for how long one does after it arrived at the latest.
    private var counted = (requests: 1, time: Duration.zero)

    /// When those that ended count no longer.
    private var releases = Heap<Duration>()

    /// When the latest requests started, as many as the longest window holds.
    private var starts: [Duration] = []
    private var pausedUntil: Duration = .zero
    private var timer: Duration?

    /// The budget of a server that bears this many requests at once and starts a second; both at least a little.
    package init(concurrent: Int = 8, requestsPerSecond: Double = 20) {
        setBudget(concurrent, requestsPerSecond)
    }

    private mutating func setBudget(_ concurrent: Int, _ requestsPerSecond: Double) {
        self.concurrent = max(1, concurrent)
        let rate = max(Self.sensibleRates.lowerBound, min(requestsPerSecond, Self.sensibleRates.upperBound))
        spacing = .microseconds(Int64((Self.pacingMargin / rate * 1_000_000).rounded()))
        let perSecond = max(1, Int(rate))
        windows = [min(self.concurrent, perSecond), perSecond]
        counted = (perSecond, .microseconds(Int64((Double(perSecond) / rate * 1_000_000).rounded(.up))))
    }

    /// Whether there is nothing to start and nothing to wait for.
    package var isIdle: Bool { waitingCount == 0 && running.isEmpty }

    /// How many requests wait for their turn.
    package var waitingCount: Int { waiting.count - unwanted.count }

    /// How many requests are under way.
    package var runningCount: Int { running.count }

    /// The times since boot at which those that wait get their turn at the earliest, if nobody more urgent comes.
    package func turns(now: Duration) -> [PlaceID: Duration] {
        let first = max(now, pausedUntil, starts.last.map { $0 + spacing } ?? now)
        return Dictionary(
            inOrder.enumerated().map { place, entry in (entry.id, first + spacing * place) },
            uniquingKeysWith: { earlier, _ in earlier }
        )
    }

    /// Those that wait, the most urgent first.
    private var inOrder: [Waiting] { waiting.unordered.filter { !unwanted.contains($0.id) }.sorted() }

    /// A request wants its turn.
    ///
    /// `deathAt` is the time since boot at which callers notice, nil when they do already: nothing serves. Who notices
    /// already is served before all who will, and in the order they came, so that nobody starves.
    package mutating func enqueued(_ id: PlaceID, deathAt: Duration?, now: Duration) -> [ServerQueueAction] {
        if pausedUntil - now > Self.shortPause { return [.refuse(id, until: pausedUntil)] }
        arrivals += 1
        waiting.insert(Waiting(id: id, deathAt: max(deathAt ?? now, now), arrival: arrivals))
        return startDue(now)
    }

    /// A started request ended; `retryAfter` is how long the server wants to be left alone.
    package mutating func finished(_ id: PlaceID, retryAfter: Duration?, now: Duration) -> [ServerQueueAction] {
        if let start = running.removeValue(forKey: id) {
            releases.insert(min(now, start + Self.longestWay) + counted.time)
        }
        if let retryAfter { pausedUntil = max(pausedUntil, now + min(retryAfter, Backoff.longestRetryAfter)) }
        return refuseInPause(now) + startDue(now)
    }

    private mutating func refuseInPause(_ now: Duration) -> [ServerQueueAction] {
        guard pausedUntil - now > Self.shortPause else { return [] }
        let refused = inOrder
        (waiting, unwanted) = (Heap(), [])
        return refused.map { .refuse($0.id, until: pausedUntil) }
    }

    /// The time since boot until which the server wants to be left alone; nil when it does not.
    package func pause(now: Duration) -> Duration? { pausedUntil > now ? pausedUntil : nil }

    /// The operator gave the server another budget; what is under way goes on, and what the server bore before counts.
    package mutating func budgetChanged(
        concurrent: Int,
        requestsPerSecond: Double,
        now: Duration
    ) -> [ServerQueueAction] {
        setBudget(concurrent, requestsPerSecond)
        return startDue(now)
    }

    /// A request that was not started is no longer wanted.
    package mutating func withdrawn(_ id: PlaceID) {
        unwanted.insert(id)
        guard unwanted.count > waiting.count / 2 else { return }
        waiting = Heap(waiting.unordered.filter { !unwanted.contains($0.id) })
        unwanted = []
    }

    /// The time that `setTimer` named came; harmless at any other.
    package mutating func timerFired(now: Duration) -> [ServerQueueAction] {
        timer = nil
        return startDue(now)
    }

    private mutating func startDue(_ now: Duration) -> [ServerQueueAction] {
        var actions: [ServerQueueAction] = []
        while let next = waiting.min, running.count < concurrent {
            if unwanted.remove(next.id) != nil {
                waiting.removeMin()
                continue
            }
            let allowed = earliestStart(now)
            guard allowed <= now else { return actions + setTimer(allowed) }
            waiting.removeMin()
            running[next.id] = now
            noteStart(now)
            actions.append(.start(next.id))
        }
        return actions + setTimer(nil)
    }

    private mutating func earliestStart(_ now: Duration) -> Duration {
        let paced = windows.reduce(pausedUntil) { earliest, window in
            guard starts.count >= window else { return earliest }
            return max(earliest, starts[starts.count - window] + spacing * window)
        }
        while let first = releases.min, first <= now { releases.removeMin() }
        guard running.count + releases.count >= counted.requests else { return paced }
        var count = releases.count
        var first = releases.min ?? now + Self.longestWay + counted.time
        for start in running.values {
            let release = start + Self.longestWay + counted.time
            guard release > now else { continue }
            count += 1
            first = min(first, release)
        }
        // Where the budget has shrunk, more than one must end first: then it is looked at again.
        return count >= counted.requests ? max(paced, first) : paced
    }

    private mutating func noteStart(_ now: Duration) {
        starts.append(now)
        // Dropped by the dozen, for each drop moves the rest.
        guard let longest = windows.last, starts.count >= 2 * longest + 16 else { return }
        starts.removeFirst(starts.count - longest)
    }

    private mutating func setTimer(_ deadline: Duration?) -> [ServerQueueAction] {
        guard deadline != timer else { return [] }
        timer = deadline
        return [deadline.map { .setTimer(at: $0) } ?? .cancelTimer]
    }
}
