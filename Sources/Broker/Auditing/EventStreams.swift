internal import LocalAPI
internal import LocalServer
internal import OAuth2
internal import Synchronization

/// The operators that follow the events: told of each new one as fast as they read.
final class EventStreams: Sendable {
    /// Sent at once; more wait until the reader took these. With the longest words of callers, and each of their
    /// characters escaped, less than a stream may leave untaken.
    private static let batch = 32

    /// How often a silent stream shows that it is alive.
    private static let heartbeat: Duration = .seconds(30)

    private struct Follower {
        let wake: AsyncStream<Bool>.Continuation
        let timer: DeadlineTimer
    }

    private let trail: AuditTrail
    private let operators: Operators
    private let time: TimeSource
    private let deadlines: Deadlines
    private let followers = Mutex<[ConnectionID: Follower]>([:])
    private let lastID = Atomic<UInt64>(0)

    init(trail: AuditTrail, operators: Operators, time: TimeSource, deadlines: Deadlines) {
        self.trail = trail
        self.operators = operators
        self.time = time
        self.deadlines = deadlines
    }

    /// Streams the events after `sequence`, and each that comes.
    func follow(after sequence: UInt64, caller: Caller, responder: Responder) {
        let (wakes, wake) = AsyncStream<Bool>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let timer = deadlines.timer { wake.yield(true) }
        followers.withLock { $0[caller.connection] = Follower(wake: wake, timer: timer) }
        let id = lastID.add(1, ordering: .relaxed).newValue
        trail.listen(as: id) { wake.yield(false) }
        responder.beginStream(contentType: "application/x-ndjson")
        wake.yield(false)
        Task {
            await stream(after: sequence, wakes, timer, caller, responder)
            trail.stopListening(id)
            timer.cancel()
            responder.endStream()
        }
    }

    func connectionClosed(_ connection: ConnectionID) {
        followers.withLock { $0.removeValue(forKey: connection) }?.wake.finish()
    }

    private func stream(
        after sequence: UInt64,
        _ wakes: AsyncStream<Bool>,
        _ timer: DeadlineTimer,
        _ caller: Caller,
        _ responder: Responder
    ) async {
        var last = sequence
        for await isHeartbeat in wakes {
            timer.set(at: time.now().sinceBoot + Self.heartbeat)
            // An empty line is no JSON value, and keeps the stream alive for whoever reads lines.
            if isHeartbeat, await !responder.sendChunkAndWait([0x0A]) { return }
            while true {
                // Who is no operator any more hears nothing more.
                guard operators.include(caller.peer) else { return }
                let events = trail.events(after: last, limit: Self.batch)
                guard let newest = events.last else { break }
                last = newest.sequence
                guard await responder.sendChunkAndWait(events.flatMap { $0.document.line }) else { return }
            }
        }
    }
}
