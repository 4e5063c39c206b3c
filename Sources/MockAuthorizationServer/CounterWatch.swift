/// The counters, and who waits for them to be so.
struct CounterWatch: Sendable {
    private struct Watcher {
        let condition: @Sendable (Counters) -> Bool
        let continuation: AsyncStream<Counters>.Continuation
    }

    private var watchers: [Int: Watcher] = [:]
    private var lastWatcher = 0

    var counters = Counters() {
        didSet { tellWatchers() }
    }

    private mutating func tellWatchers() {
        for (number, watcher) in watchers where watcher.condition(counters) {
            watchers[number] = nil
            watcher.continuation.yield(counters)
        }
    }

    /// Yields the counters to `continuation` as soon as `condition` holds for them, once.
    mutating func watch(
        _ condition: @escaping @Sendable (Counters) -> Bool,
        _ continuation: AsyncStream<Counters>.Continuation
    ) {
        lastWatcher += 1
        watchers[lastWatcher] = Watcher(condition: condition, continuation: continuation)
        tellWatchers()
    }

    /// Those who wait, for the caller to end their waiting.
    mutating func takeWatchers() -> [AsyncStream<Counters>.Continuation] {
        defer { watchers = [:] }
        return watchers.values.map(\.continuation)
    }
}
