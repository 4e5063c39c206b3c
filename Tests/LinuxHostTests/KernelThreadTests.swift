import Dispatch
import Synchronization
import Testing

@testable import LinuxHost

@Suite(.timeLimit(.minutes(5)))
struct KernelThreadTests {
    /// What kernels 5.10, 6.1 and 6.18 say: of locks, then of everything else.
    private static let table: [(state: String, channel: String, waits: Bool)] = [
        ("S", "futex_wait_queue_me", true), ("S", "futex_wait_queue", true), ("S", "futex_do_wait", true),
        ("S", "futex_lock_pi", true), ("S", "rt_mutex_schedule", true),
        // A real-time kernel's disks sleep in the same function.
        ("D", "rt_mutex_schedule", false),
        ("D", "percpu_rwsem_wait", false), ("D", "io_schedule", false), ("D", "jbd2_log_wait_commit", false),
        ("S", "hrtimer_nanosleep", false), ("S", "anon_pipe_read", false), ("S", "request_wait_answer", false),
        ("S", "rpc_wait_bit_killable", false), ("S", "0", false), ("R", "0", false), ("R", "futex_do_wait", false),
    ]

    @Test(arguments: table) func `only a wait for a lock is one for another thread`(
        row: (state: String, channel: String, waits: Bool)
    ) {
        for name in ["sockets", "a) S b", ""] {
            let stat = "7910 (\(name)) \(row.state) 7891 7891 30993 0 -1"
            #expect(KernelThread.waitsForThread(stat: stat, channel: row.channel) == row.waits)
        }
        #expect(!KernelThread.waitsForThread(stat: "", channel: row.channel))
        #expect(!KernelThread.waitsForThread(stat: "7910 (sockets)", channel: row.channel))
    }

    private final class Lock: Sendable {
        let mutex = Mutex(())
    }

    @Test func `the kernel says of threads that they wait for a lock, or a signal of another`() async throws {
        let lock = Lock()
        let release = DispatchSemaphore(value: 0)
        let (threads, begun) = AsyncStream<KernelThread>.makeStream()
        var beginnings = threads.makeAsyncIterator()
        let (ends, end) = AsyncStream<Void>.makeStream()
        try HostThread.start(named: "holder") {
            lock.mutex.withLock { _ in
                begun.yield(.current)
                release.wait()
            }
        }
        let holder = try #require(await beginnings.next())
        try HostThread.start(named: "a) S b") {
            begun.yield(.current)
            lock.mutex.withLock { _ in }
            end.finish()
        }
        let waiter = try #require(await beginnings.next())
        #expect(holder != waiter)
        while !holder.waitsForThread || !waiter.waitsForThread {}
        release.signal()
        for await _ in ends {}
    }

    @Test func `a thread that waits for a time waits for no other`() async throws {
        let alarm = try Alarm()
        let (threads, begun) = AsyncStream<KernelThread>.makeStream()
        try HostThread.start(named: "waits") {
            begun.yield(.current)
            alarm.wait(until: LinuxClock.sinceBoot() + .seconds(60))
        }
        var iterator = threads.makeAsyncIterator()
        let thread = try #require(await iterator.next())
        for _ in 0..<100 { #expect(!thread.waitsForThread) }
        alarm.ring()
        #expect(!KernelThread.current.waitsForThread)
    }
}
