internal import CLinux

/// A thread of this process, by the kernel's number for it.
package struct KernelThread: Sendable, Hashable {
    private let id: Int32

    /// The thread that asks.
    package static var current: KernelThread { KernelThread(id: clinux_thread_id()) }

    /// Whether the thread waits for another one, as for a lock; a wait for a disk, a time or another process is none.
    ///
    /// False too where the kernel does not say, and for a thread that is gone.
    package var waitsForThread: Bool {
        // `syscall` beside these would say it in numbers, but is root's where the process may not be dumped (proc(5)).
        guard let stat = read("stat"), let channel = read("wchan") else { return false }
        return KernelThread.waitsForThread(stat: stat, channel: channel)
    }

    private func read(_ file: String) -> String? {
        (try? FileSystem.read("/proc/self/task/\(id)/\(file)", maximumBytes: 4_096))
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// As `waitsForThread`, of what the kernel says: the thread's line in `stat` and the function it sleeps in.
    static func waitsForThread(stat: String, channel: String) -> Bool {
        // The name before the state may hold anything.
        guard let name = stat.lastIndex(of: ")"), stat[name...].dropFirst(2).first == "S" else { return false }
        // Every lock of user space is a futex(2). One that lends priority sleeps in the kernel's rt_mutex, whose other
        // sleepers, with a real-time kernel's disks among them, cannot be interrupted.
        return channel.contains("futex") || channel.hasPrefix("rt_mutex")
    }
}
