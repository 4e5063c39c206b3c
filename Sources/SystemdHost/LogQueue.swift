import Foundation
package import Logging
import Synchronization

/// Writes log events on a thread of its own, so that nobody waits for a reader of the log that has stalled.
///
/// When the reader falls too far behind, events are dropped and counted, and the count is logged once there is room.
package final class LogQueue: Sendable {
    /// Some seconds of a busy daemon; with the longest words about 4 MiB.
    static let capacity = 4_096

    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var dropped = 0
        var isStarted = false
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let capacity: Int

    package convenience init() { self.init(capacity: LogQueue.capacity) }

    init(capacity: Int) { self.capacity = capacity }

    /// A handler that hands events on to `handler`, on the queue's thread.
    package func handler(before handler: any LogHandler) -> any LogHandler {
        QueuedLogHandler(queue: self, base: handler)
    }

    /// Waits until all is written, no longer than `time`; true when it is.
    @discardableResult
    package func flush(within time: Duration) -> Bool {
        let done = DispatchSemaphore(value: 0)
        guard state.withLock({ $0.isStarted }) else { return true }
        enqueue { done.signal() }
        return done.wait(timeout: .now() + .milliseconds(Int(time / .milliseconds(1)))) == .success
    }

    /// Adds what is to be written, or counts it as lost; `note` is written before the next that is not, with the count.
    fileprivate func add(_ write: @escaping @Sendable () -> Void, note: @escaping @Sendable (Int) -> Void) {
        let dropped: Int? = state.withLock { state in
            guard state.waiting.count < capacity else {
                state.dropped += 1
                return nil
            }
            defer { state.dropped = 0 }
            return state.dropped
        }
        guard let dropped else { return }
        if dropped > 0 { enqueue { note(dropped) } }
        enqueue(write)
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
        wake.wait()
        let writes = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for write in writes { write() }
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
        queue.add { [base, event] in
            base.log(event: event)
        } note: { [base, event] count in
            var note = event
            note.level = .warning
            note.message = "Log events were dropped, for nobody read the log"
            note.metadata = ["count": "\(count)"]
            base.log(event: note)
        }
    }
}
