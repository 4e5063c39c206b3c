import Foundation
package import Logging
import Synchronization

/// Writes log events on a thread of its own, so that nobody waits for a reader of the log that has stalled, and no more
/// of them than journald takes.
///
/// When the reader falls too far behind, or messages of a kind are too many, events are left out and counted, and the
/// count is logged.
package final class LogQueue: Sendable {
    /// Some seconds of a busy daemon; with the longest words about 4 MiB.
    static let capacity = 4_096

    /// Kept beyond that for what has a share of its own, so that an alarm waits for a reader that comes back.
    static let reserve = 1_024

    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var dropped = 0
        var account: LogAccount
        var isStarted = false
    }

    private let state: Mutex<State>
    private let wake = DispatchSemaphore(value: 0)
    private let capacity: Int
    private let now: @Sendable () -> Duration

    /// - Parameter now: A time that never goes back.
    package convenience init(rates: LogRates, now: @escaping @Sendable () -> Duration) {
        self.init(capacity: LogQueue.capacity, rates: rates, now: now)
    }

    init(capacity: Int, rates: LogRates, now: @escaping @Sendable () -> Duration) {
        self.capacity = capacity
        self.now = now
        state = Mutex(State(account: LogAccount(rates: rates)))
    }

    /// A handler that hands events on to `handler`, on the queue's thread.
    package func handler(before handler: any LogHandler) -> any LogHandler {
        QueuedLogHandler(queue: self, base: handler)
    }

    /// Waits until all is written, and what was left out is told, no longer than `time`; true when it is.
    @discardableResult
    package func flush(within time: Duration) -> Bool {
        let done = DispatchSemaphore(value: 0)
        guard state.withLock({ $0.isStarted }) else { return true }
        enqueue { [self] in
            tellLeftOut()
            done.signal()
        }
        return done.wait(timeout: .now() + .milliseconds(Int(time / .milliseconds(1)))) == .success
    }

    /// Adds what is to be written, or counts it as lost.
    fileprivate func add(_ event: LogEvent, for handler: any LogHandler) {
        let time = now()
        let dropped: Int? = state.withLock { state in
            let noteDue = state.account.noteDue
            guard state.account.take(event, for: handler, at: time) else {
                // The thread is to learn that it is not to sleep for ever.
                if noteDue == nil { wake.signal() }
                return nil
            }
            let room = state.account.isReserved(event) ? capacity + Self.reserve : capacity
            guard state.waiting.count < room else {
                state.dropped += 1
                return nil
            }
            defer { state.dropped = 0 }
            return state.dropped
        }
        guard let dropped else { return }
        if dropped > 0 { enqueue { handler.log(event: LogNote.eventsDropped.event(after: event, count: dropped)) } }
        enqueue { handler.log(event: event) }
    }

    private func enqueue(_ write: @escaping @Sendable () -> Void) {
        let isFirst = state.withLock { state in
            state.waiting.append(write)
            defer { state.isStarted = true }
            return !state.isStarted
        }
        if isFirst { start() }
        wake.signal()
    }

    private func start() {
        let thread = Thread { [weak self] in
            while let self { self.writeNext() }
        }
        thread.name = "log"
        thread.start()
    }

    private func writeNext() {
        let due = state.withLock { $0.account.noteDue }
        if let due {
            _ = wake.wait(timeout: .now() + .milliseconds(max(1, Int((due - now()) / .milliseconds(1)))))
        } else {
            wake.wait()
        }
        let writes = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for write in writes { write() }
        if let due, due <= now() { tellLeftOut() }
    }

    private func tellLeftOut() {
        for left in state.withLock({ $0.account.takeLeftOut() }) {
            left.handler.log(event: LogNote.messagesTooMany.event(after: left.event, count: left.count))
        }
    }
}

/// Hands each event on to another handler by way of a queue.
private struct QueuedLogHandler: LogHandler {
    let queue: LogQueue
    let base: any LogHandler
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level

    init(queue: LogQueue, base: any LogHandler) {
        self.queue = queue
        self.base = base
        logLevel = base.logLevel
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var event = event
        // What a provider says holds here and now, not on the queue's thread.
        event.metadata = event.joined(to: metadata, provider: metadataProvider)
        queue.add(event, for: base)
    }
}
