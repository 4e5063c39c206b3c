import CLinux
import Glibc
import LinuxHost
import Testing

@Suite("Who is at the other end")
struct PeerTests {
    private let directory: TestDirectory
    private var path: String { directory("token.sock") }

    init() throws { directory = try TestDirectory() }

    /// The two ends of a connection of this process with itself.
    private func pair() throws -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            throw HostError.last("socketpair")
        }
        return (ends[0], ends[1])
    }

    private static func ownGroups() -> [UInt32] {
        var groups = [gid_t](repeating: 0, count: 65_536)
        let count = unsafe getgroups(Int32(groups.count), &groups)
        return groups.prefix(Int(count)).sorted()
    }

    @Test("it is this process over a pair of sockets, with its user and groups")
    func own() throws {
        let (one, other) = try pair()
        defer { for descriptor in [one, other] { close(descriptor) } }
        var peer = try PeerIdentity.ofPeer(one)
        peer.groups.sort()
        #expect(peer == PeerIdentity(pid: getpid(), uid: geteuid(), gid: getegid(), groups: Self.ownGroups()))
    }

    @Test("where there is no peer, nobody is named")
    func nobody() throws {
        let file = FileDescriptor(owning: unsafe open("/dev/null", O_RDONLY | O_CLOEXEC))
        #expect(failure { () throws(HostError) in try PeerIdentity.ofPeer(file.number) }?.code == ENOTSOCK)
        let alone = FileDescriptor(owning: clinux_unix_stream(0))
        for descriptor in [file.number, alone.number] {
            #expect(throws: UnitObstacle.self) { try PeerProcess.ofPeer(descriptor, pid: getpid()) }
        }
    }

    @Test("its unit is that of its cgroup")
    func unit() throws {
        let (one, other) = try pair()
        defer { for descriptor in [one, other] { close(descriptor) } }
        let process = try PeerProcess.ofPeer(one, pid: getpid())
        let lines = try text(of: "/proc/self/cgroup").split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("0::") })
        #expect(process.unit == UnitFinding(cgroup: String(line.dropFirst(3))))
    }

    @Test("a process outside of this one's namespace has no number here, and no unit")
    func unmapped() throws {
        let (one, other) = try pair()
        defer { for descriptor in [one, other] { close(descriptor) } }
        #expect(throws: UnitObstacle.callerUnmapped) { try PeerProcess.ofPeer(one, pid: 0) }
    }

    /// What the listener learns of a process that connects, while it runs and after it ended.
    private struct Met: Sendable {
        var identity: PeerIdentity
        var process: PeerProcess
        var unitWhileRunning: UnitFinding
    }

    /// How long another process may take to start; milliseconds.
    private static let patience: Int32 = 30_000

    /// Accepts one connection, looks at who is there and lets it go.
    private static func meet(_ listener: Int32) throws -> Met {
        var ready = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        // A process that failed never comes.
        guard unsafe poll(&ready, 1, patience) == 1 else { throw HostError("accept", code: ETIMEDOUT) }
        let served = FileDescriptor(owning: clinux_accept(listener))
        let identity = try PeerIdentity.ofPeer(served.number)
        let process = try PeerProcess.ofPeer(served.number, pid: identity.pid)
        return Met(identity: identity, process: process, unitWhileRunning: process.unit)
    }

    @Test("a process that ended is in no unit that could be told", .timeLimit(.minutes(5)))
    func liveness() async throws {
        let listener = try UnixSocket.listen(path, mode: 0o600).release()
        defer { close(listener) }
        async let meeting = blocking { try Self.meet(listener) }
        // Ends when `meet` hangs up.
        await #expect(processExitsWith: .success) { [path = path as String] in
            try #require(try UnixSocket.connect(path, timeout: .seconds(60)).receive() == [])
        }
        let met = try await meeting
        #expect(met.identity.pid != getpid())
        #expect(met.unitWhileRunning == (try PeerProcess.withNumber(getpid()).unit))
        #expect(met.process.unit == .unknown(.processEnded))
    }

    @Test(
        "user and groups are those of the process that connected, however many",
        .enabled(if: geteuid() == 0, "only root may become somebody else"),
        .timeLimit(.minutes(5)),
        arguments: [0, 1, 32, 33, 1_000]
    )
    func identity(count: Int) async throws {
        let groups = (0..<count).map { UInt32(5_000 + $0) }
        let opened = unsafe chmod(directory.path, 0o755)
        #expect(opened == 0)
        let listener = try UnixSocket.listen(path, mode: 0o666).release()
        defer { close(listener) }
        async let meeting = blocking { try Self.meet(listener) }
        await #expect(processExitsWith: .success) { [path = path as String, groups = groups as [UInt32]] in
            let changed = unsafe setgroups(groups.count, groups)
            try #require(changed == 0)
            try #require(setgid(4_243) == 0)
            try #require(setuid(4_242) == 0)
            try #require(try UnixSocket.connect(path, timeout: .seconds(60)).receive() == [])
        }
        let identity = try await meeting.identity
        #expect(identity.uid == 4_242)
        #expect(identity.gid == 4_243)
        #expect(identity.groups == groups)
    }

    @Test(
        "who connected is the effective user, who wrote the real one",
        .enabled(if: geteuid() == 0, "only root may become somebody else"),
        .timeLimit(.minutes(5))
    )
    func setUserID() async throws {
        let opened = unsafe chmod(directory.path, 0o755)
        #expect(opened == 0)
        let listener = try UnixSocket.listen(path, mode: 0o666).release()
        defer { close(listener) }
        try UnixSocket.passCredentials(listener)
        async let meeting = blocking { () throws -> (connected: PeerIdentity, writer: clinux_credentials) in
            var ready = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&ready, 1, Self.patience) == 1 else { throw HostError("accept", code: ETIMEDOUT) }
            let served = FileDescriptor(owning: clinux_accept(listener))
            ready.fd = served.number
            guard unsafe poll(&ready, 1, Self.patience) == 1 else { throw HostError("recvmsg", code: ETIMEDOUT) }
            var buffer = [UInt8](repeating: 0, count: 16)
            let received = unsafe clinux_receive(served.number, &buffer, buffer.count)
            return (try PeerIdentity.ofPeer(served.number), received.writer)
        }
        await #expect(processExitsWith: .success) { [path = path as String] in
            try #require(setreuid(4_242, 0) == 0)
            let connection = try UnixSocket.connect(path, timeout: .seconds(60))
            try connection.send([1])
            try #require(try connection.receive() == [])
        }
        let (connected, writer) = try await meeting
        #expect(connected.uid == 0)
        #expect(writer.uid == 4_242)
        #expect(writer.pid == connected.pid)
    }

    @Test("a listener may have every reading say who wrote")
    func credentials() throws {
        let listener = try UnixSocket.listen(path, mode: 0o600)
        try UnixSocket.passCredentials(listener.number)
        let caller = try UnixSocket.connect(path, timeout: .seconds(60))
        let served = FileDescriptor(owning: clinux_accept(listener.number))
        try caller.send([1])
        var buffer = [UInt8](repeating: 0, count: 16)
        let received = unsafe clinux_receive(served.number, &buffer, buffer.count)
        #expect(received.count == 1)
        #expect(received.has_writer == 1)
        #expect(received.writer.pid == getpid())
        #expect(received.writer.uid == geteuid())
    }
}
