import Glibc
import LinuxHost
import Testing

@Suite("Clocks")
struct ClockTests {
    private func kernel(_ clock: clockid_t) -> Duration {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    @Test("each is the kernel's clock of its kind, and goes on")
    func clocks() {
        for (clock, read) in [
            (CLOCK_BOOTTIME, LinuxClock.sinceBoot), (CLOCK_REALTIME, LinuxClock.sinceEpoch),
        ] {
            let before = kernel(clock)
            let said = read()
            #expect((before...kernel(clock)).contains(said))
            // Nanoseconds are told: a clock that stood would keep this from ending.
            #expect((0..<10_000_000).contains { _ in read() > said })
        }
    }

    @Test("a boot has one name, with or without dashes")
    func boot() throws {
        let name = LinuxClock.bootID()
        #expect(LinuxClock.bootID() == name)
        let kernel = try text(of: "/proc/sys/kernel/random/boot_id")
        #expect(name == kernel.filter { $0 != "-" && $0 != "\n" })
        #expect(name.count == 32)
    }
}

@Suite("The alarm", .timeLimit(.minutes(5)))
struct AlarmTests {
    private let alarm: Alarm

    init() throws { alarm = try Alarm() }

    /// Later than the test may take.
    private var farAway: Duration { LinuxClock.sinceBoot() + .seconds(86_400) }

    /// Waits for a time that is near, and tells whether it had come.
    private func waitsToTheEnd() -> Bool {
        let deadline = LinuxClock.sinceBoot() + .milliseconds(5)
        alarm.wait(until: deadline)
        return LinuxClock.sinceBoot() >= deadline
    }

    @Test("it waits until its time, again and again")
    func times() {
        for _ in 0..<3 { #expect(waitsToTheEnd()) }
    }

    @Test(
        "a time that is over is not waited for",
        arguments: [.zero, .seconds(-1), .milliseconds(-1), .nanoseconds(1)] as [Duration]
    )
    func past(deadline: Duration) {
        alarm.wait(until: deadline)
        #expect(waitsToTheEnd())
    }

    @Test("who rings ends the next wait, once however often")
    func bell() {
        for _ in 0..<1_000 { alarm.ring() }
        alarm.wait(until: farAway)
        #expect(waitsToTheEnd())
        #expect(waitsToTheEnd())
    }

    @Test("who rings from another thread ends the wait that goes on")
    func otherThread() async throws {
        let (alarm, farAway) = (alarm, farAway)
        async let waiting: Void = blocking { alarm.wait(until: farAway) }
        try await blocking { alarm.ring() }
        try await waiting
        #expect(LinuxClock.sinceBoot() < farAway)
    }
}

@Suite("Names of users and groups")
struct UserDatabaseTests {
    @Test("root is known")
    func root() {
        #expect(UserDatabase.uid(of: "root") == 0)
        #expect(UserDatabase.gid(of: "root") == 0)
        let home = unsafe getpwuid(0).map { unsafe String(cString: $0.pointee.pw_dir) }
        #expect(home != nil)
        #expect(UserDatabase.homeDirectory(ofUID: 0) == home)
    }

    @Test("others are not", arguments: ["", "no-such-name", "ROOT", "root ", "root:x", "0", "ü\u{1F600}"])
    func unknown(name: String) {
        #expect(UserDatabase.uid(of: name) == nil)
        #expect(UserDatabase.gid(of: name) == nil)
    }

    // No argument of a test, which its log would hold in full.
    @Test("nor is one that is far longer than any that is looked up")
    func huge() {
        let name = String(repeating: "a", count: 1 << 20)
        #expect(UserDatabase.uid(of: name) == nil)
        #expect(UserDatabase.gid(of: name) == nil)
    }

    @Test("a number that nobody has is at home nowhere")
    func nobody() {
        #expect(UserDatabase.homeDirectory(ofUID: 4_294_967_294) == nil)
    }
}

@Suite("What the kernel refused")
struct HostErrorTests {
    @Test("what, where and why are said")
    func description() {
        #expect(HostError("poll", code: EBADF).description == "poll: Bad file descriptor")
        let error = HostError("cannot be opened", path: "/a", code: ENOENT, reason: "it went")
        #expect(error.description == "/a: cannot be opened: it went")
        #expect(error.why == "it went")
    }

    @Test(
        "kinds of errors are told apart",
        arguments: [
            (ENOENT, "not found"), (EACCES, "permission"), (EPERM, "permission"), (ECONNREFUSED, "refused"),
            (EAGAIN, "timeout"), (ETIMEDOUT, "timeout"), (EEXIST, "exists"), (EIO, ""),
        ]
    )
    func kinds(code: Int32, kind: String) {
        let error = HostError("open", code: code)
        #expect(error.isNotFound == (kind == "not found"))
        #expect(error.isPermission == (kind == "permission"))
        #expect(error.isRefused == (kind == "refused"))
        #expect(error.isTimeout == (kind == "timeout"))
        #expect(error.alreadyExists == (kind == "exists"))
    }
}
