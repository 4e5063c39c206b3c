import CLinux
import Glibc
import LinuxHost
import Testing

/// The limits of a resource, soft and hard.
private func limits(_ resource: __rlimit_resource) -> [rlim_t] {
    var limit = rlimit()
    unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    return [limit.rlim_cur, limit.rlim_max]
}

private func setSoftLimit(_ resource: __rlimit_resource, _ soft: rlim_t) {
    var limit = rlimit(rlim_cur: soft, rlim_max: limits(resource)[1])
    unsafe setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
}

/// What of the process is in memory: of its own, and of files that it maps (proc(5), statm).
private func residentBytes() throws -> (own: Int, files: Int) {
    let text = String(decoding: try FileSystem.read("/proc/self/statm", maximumBytes: 4_096), as: UTF8.self)
    let pages = text.split(separator: " ").compactMap { Int($0) }
    let page = sysconf(Int32(_SC_PAGESIZE))
    return ((pages[1] - pages[2]) * page, pages[2] * page)
}

private func status() throws -> String {
    String(decoding: try FileSystem.read("/proc/thread-self/status", maximumBytes: 1 << 16), as: UTF8.self)
}

@Suite("The process itself")
struct CurrentProcessTests {
    @Test("hardened, it leaves no core, shuts debuggers out and makes files for nobody else")
    func hardening() async {
        await #expect(processExitsWith: .success) {
            try #require(clinux_is_dumpable() == 1)
            try #require(!CurrentProcess.isHardened)
            try CurrentProcess.harden()
            try #require(clinux_is_dumpable() == 0)
            try #require(limits(RLIMIT_CORE) == [0, 0])
            try #require(umask(0) == 0o077)
            try #require(CurrentProcess.isHardened)
            try #require(status().contains("NoNewPrivs:\t1\n"))
            try CurrentProcess.harden()
        }
    }

    @Test("a command shuts debuggers out alone, and runs other programs with the rights they are to have")
    func command() async {
        await #expect(processExitsWith: .success) {
            let before = umask(0o022)
            umask(before)
            let privileges = try status().contains("NoNewPrivs:\t1\n")
            try CurrentProcess.shutOutDebuggers()
            try #require(CurrentProcess.isHardened)
            try #require(umask(before) == before)
            try #require(status().contains("NoNewPrivs:\t1\n") == privileges)
        }
    }

    @Test("one half of the hardening is none")
    func halfHardening() async {
        await #expect(processExitsWith: .success) {
            var none = rlimit(rlim_cur: 0, rlim_max: 0)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
            try #require(limits(RLIMIT_CORE) == [0, 0])
            try #require(!CurrentProcess.isHardened)
        }
        await #expect(processExitsWith: .success) {
            try #require(clinux_not_dumpable() == 0)
            // The hard limit may be 0 here as it is.
            try #require(CurrentProcess.isHardened == (limits(RLIMIT_CORE)[1] == 0))
        }
    }

    @Test("it may have as many descriptors as it is allowed")
    func descriptorLimit() async {
        await #expect(processExitsWith: .success) {
            setSoftLimit(RLIMIT_NOFILE, 64)
            let before = limits(RLIMIT_NOFILE)
            try #require(before[0] == 64 && before[1] > 64)
            CurrentProcess.raiseDescriptorLimit()
            try #require(limits(RLIMIT_NOFILE) == [before[1], before[1]])
        }
    }

    @Test("it gives back what it does not use of its memory and its program, and goes on")
    func memory() async {
        await #expect(processExitsWith: .success) {
            CurrentProcess.limitHeaps(to: 1)
            // Every other piece goes, so that none of them is at a heap's end, which it gives back by itself.
            var pieces: [[UInt8]?] = (0..<512).map { _ in Array(repeating: 1, count: 64 << 10) }
            for index in stride(from: 0, to: pieces.count, by: 2) { pieces[index] = nil }
            let before = try residentBytes()
            CurrentProcess.giveMemoryBack()
            let after = try residentBytes()
            try #require(before.own - after.own > 8 << 20)
            try #require(before.files - after.files > 1 << 20)
            try #require(pieces.count { $0?.count == 64 << 10 } == 256)
        }
    }

    @Test(
        "it may give files to its own groups only, unless it is root",
        .enabled(if: geteuid() == 0, "only root may become somebody else")
    )
    func groups() async {
        #expect(CurrentProcess.mayGiveFiles(to: 4_244))
        await #expect(processExitsWith: .success) {
            let groups: [gid_t] = [4_244, 4_245]
            let changed = unsafe setgroups(groups.count, groups)
            try #require(changed == 0)
            try #require(setgid(4_243) == 0)
            try #require(setuid(4_242) == 0)
            try #require([4_243, 4_244, 4_245].allSatisfy { CurrentProcess.mayGiveFiles(to: $0) })
            try #require(![0, 4_242, 4_246].contains { CurrentProcess.mayGiveFiles(to: $0) })
            try #require(CurrentProcess.uid == 4_242)
        }
    }

    @Test("it is known by its number and its program")
    func names() throws {
        #expect(CurrentProcess.pid == getpid())
        #expect(CurrentProcess.uid == geteuid())
        let path = try #require(CurrentProcess.executablePath)
        var program = stat()
        let found = unsafe stat("/proc/self/exe", &program)
        #expect(found == 0)
        #expect(FileSystem.status(path)?.inode == UInt64(program.st_ino))
        #expect(path.hasPrefix("/"))
    }

    @Test("its environment is read")
    func environment() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("TOKENBROKER_TEST", "a=b c", 1)
            unsafe setenv("TOKENBROKER_EMPTY", "", 1)
            try #require(CurrentProcess.environment("TOKENBROKER_TEST") == "a=b c")
            try #require(CurrentProcess.environment("TOKENBROKER_EMPTY") == "")
            try #require(CurrentProcess.environment("TOKENBROKER_NONE") == nil)
        }
    }

    @Test("a terminal is told from a pipe")
    func terminal() throws {
        var ends: [Int32] = [-1, -1]
        let made = unsafe pipe(&ends)
        #expect(made == 0)
        #expect(!CurrentProcess.isTerminal(ends[0]))
        for end in ends { close(end) }
        #expect(!CurrentProcess.isTerminal(-1))
        let terminal = FileDescriptor(owning: unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC))
        #expect(CurrentProcess.isTerminal(terminal.number))
    }

    @Test("it ends with the status it is told")
    func exit() async {
        await #expect(processExitsWith: .exitCode(78)) { CurrentProcess.exit(78) }
    }

    @Test("it ends as a crash would, and says nothing more")
    func crash() async {
        await #expect(processExitsWith: .signal(SIGKILL)) { CurrentProcess.killItself() }
    }

    @Test("it becomes another program, with its arguments as they are")
    func become() async throws {
        let result = try await #require(
            processExitsWith: .exitCode(7),
            observing: [\.standardOutputContent]
        ) {
            _ = CurrentProcess.become("sh", arguments: ["-c", "printf '<%s>' \"$@\"; exit 7", "sh", "a b", "", "ü"])
        }
        #expect(String(decoding: result.standardOutputContent, as: UTF8.self).contains("<a b><><ü>"))
    }

    @Test("a hangup before anybody listens and a reader that is gone do not end the process")
    func signals() async {
        await #expect(processExitsWith: .success) {
            CurrentProcess.ignoreHangupAndBrokenPipe()
            kill(getpid(), SIGHUP)
            kill(getpid(), SIGPIPE)
            Glibc.exit(0)
        }
    }

    @Test("what cannot be run is said")
    func becomeNothing() {
        let error = CurrentProcess.become("/nowhere/tokenbrokerd", arguments: [])
        #expect(error.isNotFound)
        #expect(error.description == "/nowhere/tokenbrokerd: cannot be run: No such file or directory")
    }

    @Test("random numbers are as many as asked for, and others every time")
    func random() throws {
        for count in [0, 1, 32, 256] { #expect(try SystemRandom.bytes(count).count == count) }
        #expect(try SystemRandom.bytes(32) != SystemRandom.bytes(32))
    }
}

@Suite("Standard output and error")
struct StandardStreamsTests {
    @Test("lines go where they belong, each with its end")
    func lines() async throws {
        let result = try await #require(
            processExitsWith: .success,
            observing: [\.standardOutputContent, \.standardErrorContent]
        ) {
            StandardStreams.write(["one", "", "two ü"])
            StandardStreams.writeErrors(["three", "four"])
            try #require(StandardStreams.write(Array("five".utf8)))
            StandardStreams.write([String]())
        }
        let output = String(decoding: result.standardOutputContent, as: UTF8.self)
        let errors = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(output.contains("one\n\ntwo ü\nfive"))
        #expect(errors.contains("three\nfour\n"))
        #expect(!output.contains("three"))
        #expect(!errors.contains("five"))
    }

    /// Puts the writing end of a new pipe where standard output is, and returns the reading end.
    private static func pipedOutput(flags: Int32) throws -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0, fcntl(ends[1], F_SETFL, flags) == 0, dup2(ends[1], 1) == 1 else {
            throw HostError.last("pipe")
        }
        close(ends[1])
        return ends[0]
    }

    @Test("all is written to a slow reader, be the pipe one that waits or not", arguments: [0, O_NONBLOCK])
    func slowReader(flags: Int32) async {
        await #expect(processExitsWith: .success) { [flags = flags as Int32] in
            let reader = try Self.pipedOutput(flags: flags)
            async let count = blocking {
                var buffer = [UInt8](repeating: 0, count: 4_096)
                var total = 0
                while true {
                    let count = unsafe read(reader, &buffer, buffer.count)
                    if count <= 0 { return total }
                    total += count
                }
            }
            let isWritten = StandardStreams.write([UInt8](repeating: 0x73, count: 1 << 20))
            close(1)
            try #require(isWritten)
            try #require(try await count == 1 << 20)
        }
    }

    @Test("it is told when nobody reads any more")
    func closedReader() async {
        await #expect(processExitsWith: .success) {
            _ = signal(SIGPIPE, SIG_IGN)
            close(try Self.pipedOutput(flags: 0))
            try #require(!StandardStreams.write([1]))
            try #require(StandardStreams.write([UInt8]()))
        }
    }
}
