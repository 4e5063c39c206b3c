internal import CLinux
internal import Glibc

/// The process this code runs in.
package enum CurrentProcess {
    /// The effective user.
    package static var uid: UInt32 { geteuid() }

    /// The process's own number.
    package static var pid: Int32 { getpid() }

    /// Whether core dumps and other users' debuggers are shut out.
    package static var isHardened: Bool {
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        return clinux_is_dumpable() == 0 && limit.rlim_max == 0
    }

    /// Shuts out core dumps and debuggers of the same user, makes files for nobody else, and gives up rights that a
    /// program run from here could gain.
    ///
    /// To be called before there is another thread: the last is the calling thread's, and of those that it starts.
    package static func harden() throws(HostError) {
        umask(0o077)
        try shutOutDebuggers()
        guard clinux_no_new_privileges() == 0 else { throw .last("prctl(PR_SET_NO_NEW_PRIVS)") }
    }

    /// Shuts out core dumps and debuggers of the same user.
    package static func shutOutDebuggers() throws(HostError) {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0 else {
            throw .last("setrlimit(RLIMIT_CORE)")
        }
        // A program that takes core dumps through a pipe (core(5)) is started whatever the limit; this alone stops it.
        guard clinux_not_dumpable() == 0 else { throw .last("prctl(PR_SET_DUMPABLE)") }
    }

    /// Lives on when a reload is asked for before anybody listens, and when a reader of its output is gone.
    package static func ignoreHangupAndBrokenPipe() {
        signal(SIGHUP, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Lets the process have as many descriptors as it may, for its connections.
    package static func raiseDescriptorLimit() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        unsafe setrlimit(resource, &limit)
    }

    /// Lets all threads allocate from so many heaps; to be called before there is another thread.
    ///
    /// By default there are eight for each processor, and what is free in one is of no use to the others.
    package static func limitHeaps(to count: Int32) { clinux_limit_heaps(count) }

    /// Gives back to the kernel what the process does not use: free memory, and the pages of its program that it has not
    /// written to.
    ///
    /// What of the program is touched again comes back without the disk, as long as the kernel has no better use for it.
    package static func giveMemoryBack() { clinux_give_memory_back() }

    /// How many descriptors the process may have.
    package static var descriptorLimit: Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        return Int(clamping: limit.rlim_cur)
    }

    /// Whether this process may make `gid` the group of its files (chown(2)).
    package static func mayGiveFiles(to gid: UInt32) -> Bool {
        guard uid != 0, gid != getegid() else { return true }
        var groups = [gid_t](repeating: 0, count: max(0, Int(getgroups(0, nil))))
        let count = unsafe getgroups(Int32(groups.count), &groups)
        return groups.prefix(Int(max(0, count))).contains(gid)
    }

    /// Whether a descriptor is a terminal.
    package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// How many characters a line of a terminal holds; nil when it does not say, or the descriptor is none.
    package static func terminalColumns(_ descriptor: Int32) -> Int? {
        let columns = clinux_terminal_columns(descriptor)
        return columns > 0 ? Int(columns) : nil
    }
}

/// The kernel's random numbers.
package enum SystemRandom {
    /// `count` bytes fit for keys; at most 256, which the kernel gives whole.
    package static func bytes(_ count: Int) throws(HostError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard unsafe clinux_random(&bytes, count) == count else { throw .last("getrandom") }
        return bytes
    }
}

extension CurrentProcess {
    /// The value of an environment variable.
    package static func environment(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// The program that runs here, by its real path.
    package static var executablePath: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Becomes another program, found in PATH when its name has no slash; returns only when that fails.
    package static func become(_ program: String, arguments: [String]) -> HostError {
        var pointers = unsafe ([program] + arguments).map { unsafe strdup($0) }
        unsafe pointers.append(nil)
        unsafe execvp(program, &pointers)
        let error = HostError.last("cannot be run", path: program)
        unsafe pointers.forEach { unsafe free($0) }
        return error
    }

    /// Starts another program beside this one, found in PATH when its name has no slash, in a session of its own and with
    /// nothing on its standard streams.
    package static func start(_ program: String, arguments: [String]) throws(HostError) {
        var pointers = unsafe ([program] + arguments).map { unsafe strdup($0) }
        unsafe pointers.append(nil)
        let code = unsafe clinux_spawn_detached(program, &pointers)
        unsafe pointers.forEach { unsafe free($0) }
        guard code == 0 else { throw HostError("cannot be run", path: program, code: code) }
    }

    /// Ends the process.
    package static func exit(_ status: Int32) -> Never { Glibc.exit(status) }

    /// Ends the process as a crash would, at once and without a farewell, for tests of what is left behind.
    package static func killItself() -> Never {
        kill(getpid(), SIGKILL)
        // The first process of a container is not killed by itself.
        _exit(128 + SIGKILL)
    }
}
