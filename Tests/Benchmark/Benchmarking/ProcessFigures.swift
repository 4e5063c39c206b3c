import LinuxHost

/// What the kernel says of processes that run.
extension ChildProcess {
    /// What it and its descendants have spent on processors, up to now; not what those of them had that ended.
    package var processorTime: Duration {
        .nanoseconds(family.reduce(0) { $0 + (ProcessorClock(of: $1)?.nanoseconds ?? 0) })
    }

    /// What it and its descendants have in memory.
    package var memory: MemoryUse { family.map(MemoryUse.init).reduce(MemoryUse()) { $0 + $1 } }

    /// How many threads it has.
    package var threads: Int { (try? FileSystem.names(in: "/proc/\(pid)/task").count) ?? 0 }

    /// Its number and those of its descendants.
    package var family: [Int32] {
        var family = [pid]
        var next = 0
        while next < family.count {
            let pid = family[next]
            let tasks = (try? FileSystem.names(in: "/proc/\(pid)/task")) ?? []
            for task in tasks {
                let children = ProcessFile.text("/proc/\(pid)/task/\(task)/children")
                family += children.split(separator: " ").compactMap { Int32($0) }
            }
            next += 1
        }
        return family
    }
}

/// What processes have in memory, in bytes.
package struct MemoryUse: Sendable, Equatable {
    /// All pages that are in memory (Rss).
    package var resident = 0

    /// The same, of pages that several processes have only this one's part (Pss); 0 where the kernel does not tell us.
    package var proportional = 0

    /// Pages that are no file's (Anonymous): the heap, stacks, and what was written to of files.
    package var anonymous = 0

    package init() {}

    /// Of a process; nothing when there is none.
    package init(of pid: Int32) {
        // One that shuts out debuggers, as the daemon does, has this file for root alone.
        let rollup = ProcessFile.text("/proc/\(pid)/smaps_rollup")
        let text = rollup.isEmpty ? ProcessFile.text("/proc/\(pid)/status") : rollup
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count > 1, let kilobytes = Int(words[1]) else { continue }
            switch words[0] {
            case "Rss:", "VmRSS:": resident = kilobytes * 1_024
            case "Pss:": proportional = kilobytes * 1_024
            case "Anonymous:", "RssAnon:": anonymous = kilobytes * 1_024
            default: continue
            }
        }
    }

    /// Of both together.
    package static func + (left: MemoryUse, right: MemoryUse) -> MemoryUse {
        var sum = left
        sum.resident += right.resident
        sum.proportional += right.proportional
        sum.anonymous += right.anonymous
        return sum
    }
}

/// A file of /proc.
enum ProcessFile {
    /// Its text; empty when it cannot be read.
    static func text(_ path: String) -> String {
        (try? FileSystem.read(path, maximumBytes: 1 << 20)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
