import CCallers
import CLinux
import Glibc
import Testing

@testable import LinuxHost

@Suite("A process that is held", .timeLimit(.minutes(5)))
struct PeerProcessTests {
    private let directory: TestDirectory
    private var path: String { directory("token.sock") }

    init() throws { directory = try TestDirectory() }

    /// A connection whose connecter ended, but was not waited for.
    private func abandoned() throws -> (served: Int32, pid: pid_t) {
        let listener = try UnixSocket.listen(path, mode: 0o600)
        let socket = FileDescriptor(owning: clinux_unix_stream(0))
        let pid = unsafe ccallers_connect_in_child(socket.number, path)
        guard pid > 0 else { throw HostError.last("fork") }
        var information = unsafe siginfo_t()
        let waited = unsafe waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT)
        try #require(waited == 0)
        return (clinux_accept(listener.number), pid)
    }

    private func bury(_ pid: pid_t) { waitpid(pid, nil, 0) }

    @Test("that is a zombie has ended, although it takes signals")
    func zombie() throws {
        let (served, pid) = try abandoned()
        defer { close(served) }
        defer { bury(pid) }
        #expect(kill(pid, 0) == 0)
        #expect(FileSystem.exists("/proc/\(pid)/cgroup"))
        let identity = try PeerIdentity.ofPeer(served)
        #expect(identity.pid == pid)
        let process = try PeerProcess.ofPeer(served, pid: pid)
        #expect(process.unit == .unknown(.processEnded))
        #expect(failure { () throws(HostError) in try PeerIdentity.ofProcess(pid) }?.why == "it has ended")
    }

    @Test("that is gone has ended, whether it is looked at before or after")
    func gone() throws {
        let (served, pid) = try abandoned()
        defer { close(served) }
        let before = try PeerProcess.ofPeer(served, pid: pid)
        bury(pid)
        #expect(before.unit == .unknown(.processEnded))
        // Kernels before 6.16 do not give a descriptor any more, later ones do.
        let after = Result { () throws(UnitObstacle) in try PeerProcess.ofPeer(served, pid: pid).unit }
        switch after {
        case .success(let unit): #expect(unit == .unknown(.processEnded))
        case .failure(let obstacle): #expect(obstacle == .processEnded)
        }
    }

    @Test(
        "is not taken for the next one with its number",
        .enabled(if: unsafe geteuid() == 0 && access("/proc/sys/kernel/ns_last_pid", W_OK) == 0, "only root may choose")
    )
    func numberUsedAgain() throws {
        let (served, pid) = try abandoned()
        defer { close(served) }
        let process = try PeerProcess.ofPeer(served, pid: pid)
        let started = try ProcessStatus.read(pid).started
        bury(pid)
        // Whoever else starts a process may be quicker.
        var other: pid_t = 0
        for _ in 0..<1_000 where other != pid {
            other = ccallers_start_with_number(pid)
            try #require(other > 0)
            guard other != pid else { break }
            kill(other, SIGKILL)
            bury(other)
        }
        defer {
            kill(other, SIGKILL)
            bury(other)
        }
        try #require(other == pid)
        // It is there, and in a cgroup that can be read.
        let imposter = try PeerProcess.withNumber(pid)
        #expect(imposter.unit != .unknown(.processEnded))
        #expect(process.unit == .unknown(.processEnded))
        // The check of numbers sees it as soon as the tick is another.
        let now = try ProcessStatus.read(pid)
        #expect(now.started >= started)
        let earlier = PeerProcess(pid: pid, hold: .started(now.started - 1))
        #expect(earlier.unit == .unknown(.processEnded))
    }

    @Test("by its number and start is the one that has both")
    func legacy() throws {
        let status = try ProcessStatus.read(getpid())
        #expect(status.isRunning)
        #expect(status.sinceBoot <= LinuxClock.sinceBoot())
        let process = PeerProcess(pid: getpid(), hold: .started(status.started))
        #expect(process.unit == (try PeerProcess.withNumber(getpid()).unit))
        #expect(PeerProcess(pid: getpid(), hold: .started(status.started + 1)).unit == .unknown(.processEnded))
        let (served, pid) = try abandoned()
        defer {
            close(served)
            bury(pid)
        }
        let zombie = try ProcessStatus.read(pid)
        #expect(!zombie.isRunning)
        #expect(PeerProcess(pid: pid, hold: .started(zombie.started)).unit == .unknown(.processEnded))
    }

    @Test("by a descriptor of one that ended while another has the number is the one that ended")
    func seam() throws {
        let (served, pid) = try abandoned()
        defer {
            close(served)
            bury(pid)
        }
        let ended = PeerProcess(pid: getpid(), hold: .descriptor(clinux_pidfd_open(pid)))
        #expect(FileSystem.exists("/proc/\(getpid())/cgroup"))
        #expect(ended.unit == .unknown(.processEnded))
        #expect(failure { () throws(HostError) in try ended.identity() }?.code == ESRCH)
    }

    @Test("by the number that an operator gives is who it would connect as")
    func identity() throws {
        let listener = try UnixSocket.listen(path, mode: 0o600)
        let caller = try UnixSocket.connect(path, timeout: .seconds(60))
        let served = FileDescriptor(owning: clinux_accept(listener.number))
        #expect(try PeerIdentity.ofProcess(getpid()) == PeerIdentity.ofPeer(served.number))
        _ = consume caller
    }

    @Test("cannot be one that there is not, nor one of another's threads")
    func noProcess() throws {
        for number: Int32 in [0, -1, .max] {
            #expect(failure { () throws(HostError) in try PeerIdentity.ofProcess(number) }?.code == ESRCH)
        }
        let threads = try FileSystem.names(in: "/proc/self/task").compactMap { Int32($0) }
        for thread in threads where thread != getpid() {
            #expect(failure { () throws(HostError) in try PeerIdentity.ofProcess(thread) }?.code == ESRCH)
        }
    }

    @Test(
        "has the start and the state that its line says, whatever it is called",
        arguments: [
            ("1 (init) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 42 100 200", "S", 42),
            ("7 (a) Z) R (x) R 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 100 200\n", "R", 4_711),
            ("7 () Z 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 0", "Z", 0),
        ] as [(String, Character, UInt64)]
    )
    func statusLine(text: String, state: Character, started: UInt64) throws {
        let status = try #require(ProcessStatus(text))
        #expect(status.state == state)
        #expect(status.started == started)
        #expect(status.isRunning == (state != "Z"))
    }

    @Test(
        "has none in a line that is something else",
        arguments: [
            "", "1", "1 (a", "1 (a) S", "1 (a) S 0 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0",
            "1 (a) S 0 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 -5", "1 (a) SS 0 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 5",
            "1 (a) S 0 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 18446744073709551615",
        ]
    )
    func noStatusLine(text: String) { #expect(ProcessStatus(text) == nil) }

    @Test("has the effective user and group, and all the others")
    func statusFile() {
        let text = "Name:\tUid:\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nFDSize:\t64\nGroups:\t9 10 11 \n"
        #expect(PeerIdentity(pid: 1, status: text) == PeerIdentity(pid: 1, uid: 2, gid: 6, groups: [9, 10, 11]))
        let alone = "Uid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nGroups:\t \n"
        #expect(PeerIdentity(pid: 1, status: alone)?.groups == [])
        for broken in ["", "Uid:\t1\nGid:\t5\t6\t7\t8\nGroups:\t\n", "Uid:\t1\t2\t3\t4\nGroups:\t\n"] {
            #expect(PeerIdentity(pid: 1, status: broken) == nil)
        }
    }
}
