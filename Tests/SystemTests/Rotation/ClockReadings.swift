import Foundation
import Glibc
import Synchronization

/// A while measured by how often the clock can be read in it: it has no timer's grain, and ends anywhere.
final class ClockReadings: Sendable {
    private let isOver = Atomic(false)
    private let end = AsyncStream<Int>.makeStream()

    /// Counts, on a thread of its own, until `stop`.
    init() {
        Thread.detachNewThread { [self] in
            var count = 0
            while !isOver.load(ordering: .relaxed) {
                _ = ContinuousClock.now
                count += 1
            }
            end.continuation.yield(count)
            end.continuation.finish()
        }
    }

    /// Ends the counting; how many there were.
    func stop() async -> Int {
        isOver.store(true, ordering: .relaxed)
        for await count in end.stream { return count }
        return 0
    }

    /// Kills the process after so many, on a thread of its own; returns when that is done.
    static func kill(_ pid: Int32, after count: Int) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                for _ in 0..<count { _ = ContinuousClock.now }
                Glibc.kill(pid, SIGKILL)
                continuation.resume()
            }
        }
    }
}
