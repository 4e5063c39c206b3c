internal import CLinux
internal import Glibc

/// A process that is held, so that its number cannot come to mean another unnoticed.
package final class PeerProcess: Sendable {
    /// What tells the process from the next one with its number.
    enum Hold: Sendable {
        /// A pidfd (pidfd_open(2)); readable once the process ended.
        case descriptor(Int32)

        /// When it started, in the kernel's ticks since boot.
        case started(UInt64)
    }

    private let pid: Int32
    private let hold: Hold

    init(pid: Int32, hold: Hold) {
        self.pid = pid
        self.hold = hold
    }

    deinit {
        if case .descriptor(let descriptor) = hold { close(descriptor) }
    }

    /// The process that connected to the other end of the socket `descriptor`, whose number is `pid`.
    ///
    /// - Parameter acceptedAt: when the connection was accepted, on CLOCK_BOOTTIME. Where the kernel has no descriptor for
    ///   who connected, the number is trusted of a process that started before; nil for not at all.
    package static func ofPeer(
        _ descriptor: Int32,
        pid: Int32,
        acceptedAt: Duration? = nil
    ) throws(UnitObstacle) -> PeerProcess {
        guard pid > 0 else { throw .callerUnmapped }
        let pidfd = clinux_peer_pidfd(descriptor)
        if pidfd >= 0 { return PeerProcess(pid: pid, hold: .descriptor(pidfd)) }
        switch errno {
        case ENOPROTOOPT: break
        case EMFILE, ENFILE, ENOMEM: throw .outOfDescriptors
        // Some kernels have no descriptor for a process that was waited for already.
        default: throw .processEnded
        }
        guard let acceptedAt else { throw .kernelCannotSay }
        let status = try ProcessStatus.read(pid)
        guard status.isRunning, status.sinceBoot <= acceptedAt else { throw .processEnded }
        return PeerProcess(pid: pid, hold: .started(status.started))
    }

    /// The process with the number `pid` now.
    package static func withNumber(_ pid: Int32) throws(HostError) -> PeerProcess {
        let pidfd = clinux_pidfd_open(pid)
        guard pidfd >= 0 else { throw noSuchProcess(pid) }
        let process = PeerProcess(pid: pid, hold: .descriptor(pidfd))
        // Those that ended and were not waited for still have their number.
        guard process.isRunning else { throw HostError("process \(pid)", code: ESRCH, reason: "it has ended") }
        return process
    }

    private static func noSuchProcess(_ pid: Int32) -> HostError {
        switch errno {
        case ESRCH: HostError("process \(pid)", code: ESRCH, reason: "there is none with this number")
        // The number of a thread, or none that a process can have.
        case EINVAL, ENOENT: HostError("process \(pid)", code: ESRCH, reason: "this is no process's number")
        default: .last("pidfd_open(\(pid))")
        }
    }

    /// Far more than the twelve hierarchies of an old kernel take.
    private static let longestCgroup = 16_384

    /// The unit that the process runs in now.
    ///
    /// Read by the number, then held against what tells the process from others: one that had not ended after the
    /// reading is the one that was read.
    package var unit: UnitFinding {
        let bytes: [UInt8]
        do throws(HostError) {
            bytes = try FileSystem.read("/proc/\(pid)/cgroup", maximumBytes: Self.longestCgroup)
        } catch {
            return .unknown(isRunning ? .processHidden : .processEnded)
        }
        guard isRunning else { return .unknown(.processEnded) }
        guard let cgroup = Self.unifiedCgroup(bytes) else { return .unknown(.cgroupHidden) }
        return UnitFinding(cgroup: cgroup)
    }

    /// The unified hierarchy's line is `0::PATH` (cgroups(7)); nil on machines without one.
    static func unifiedCgroup(_ bytes: [UInt8]) -> String? {
        let line = bytes.split(separator: 0x0A).first { $0.starts(with: Array("0::".utf8)) }
        return line.map { String(decoding: $0.dropFirst(3), as: UTF8.self) }
    }

    /// A zombie still takes signals; a readable pidfd is the proof that it ended (pidfd_open(2)).
    var isRunning: Bool {
        switch hold {
        case .descriptor(let number):
            var descriptor = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
            return unsafe poll(&descriptor, 1, 0) == 0
        case .started(let started):
            guard let status = try? ProcessStatus.read(pid) else { return false }
            return status.isRunning && status.started == started
        }
    }
}

extension PeerProcess {
    /// The kernel's own limit on a process's groups is 65,536, of up to eleven characters each.
    private static let longestStatus = 1 << 20

    /// Its effective user and groups, which it would connect with now.
    package func identity() throws(HostError) -> PeerIdentity {
        let path = "/proc/\(pid)/status"
        let text = String(decoding: try FileSystem.read(path, maximumBytes: Self.longestStatus), as: UTF8.self)
        guard isRunning else { throw HostError("process \(pid)", code: ESRCH, reason: "it has ended") }
        guard let identity = PeerIdentity(pid: pid, status: text) else {
            throw HostError("cannot be understood", path: path, code: EINVAL)
        }
        return identity
    }
}

extension PeerIdentity {
    /// Who the process with the number `pid` is, as the kernel would note it if it connected now.
    package static func ofProcess(_ pid: Int32) throws(HostError) -> PeerIdentity {
        try PeerProcess.withNumber(pid).identity()
    }

    /// What `/proc/PID/status` says (proc(5)); nil when it says less.
    init?(pid: Int32, status: String) {
        func numbers(_ name: String) -> [UInt32]? {
            let line = status.split(separator: "\n").first { $0.hasPrefix("\(name):") }
            return line?.dropFirst(name.count + 1).split { $0 == "\t" || $0 == " " }.compactMap { UInt32($0) }
        }
        // Real, effective, saved and file system's.
        guard let users = numbers("Uid"), users.count == 4, let groups = numbers("Gid"), groups.count == 4,
            let supplementary = numbers("Groups")
        else { return nil }
        self.init(pid: pid, uid: users[1], gid: groups[1], groups: supplementary)
    }
}

/// What `/proc/PID/stat` says (proc(5)).
struct ProcessStatus: Sendable, Equatable {
    let state: Character

    /// In ticks since boot.
    let started: UInt64

    /// Neither dead nor a zombie.
    var isRunning: Bool { !"ZXx".contains(state) }

    /// When it started, on CLOCK_BOOTTIME and as much as a tick too early.
    var sinceBoot: Duration { .nanoseconds(Int64(started) * (1_000_000_000 / Self.ticksPerSecond)) }

    private static let ticksPerSecond = Int64(max(1, sysconf(Int32(_SC_CLK_TCK))))

    private static let longest = 4_096

    /// Nil when the text is something else.
    init?(_ text: String) {
        // The name, in parentheses, may hold blanks and parentheses itself.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split { $0 == " " || $0 == "\n" }
        // State is the third field of all, the start the 22nd.
        guard fields.count > 19, let state = fields[0].first, fields[0].count == 1, let started = UInt64(fields[19]),
            started < UInt64(Int64.max / 1_000_000_000)
        else { return nil }
        self.state = state
        self.started = started
    }

    static func read(_ pid: Int32) throws(UnitObstacle) -> ProcessStatus {
        let bytes: [UInt8]
        do throws(HostError) {
            bytes = try FileSystem.read("/proc/\(pid)/stat", maximumBytes: longest)
        } catch {
            throw kill(pid, 0) == 0 || errno == EPERM ? .processHidden : .processEnded
        }
        guard let status = ProcessStatus(String(decoding: bytes, as: UTF8.self)) else { throw .processHidden }
        return status
    }
}
