import CLinux
import Glibc
import LinuxHost
import Testing

@Suite("Unix sockets")
struct UnixSocketTests {
    private let directory: TestDirectory
    private var path: String { directory("token.sock") }

    init() throws { directory = try TestDirectory() }

    /// A raw socket bound to `path`.
    private func bound(_ path: String, type: __socket_type = SOCK_STREAM) throws -> FileDescriptor {
        let descriptor = FileDescriptor(owning: socket(AF_UNIX, Int32(type.rawValue), 0))
        guard unsafe clinux_unix_bind(descriptor.number, path) == 0 else { throw HostError.last("bind") }
        return descriptor
    }

    /// Waits for a caller of `listener`.
    private func accepted(_ listener: borrowing FileDescriptor) -> FileDescriptor {
        var ready = pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&ready, 1, -1)
        return FileDescriptor(owning: clinux_accept(listener.number))
    }

    @Test("callers are heard and answered, until either end goes")
    func conversation() throws {
        let listener = try UnixSocket.listen(path, mode: 0o600)
        let caller = try UnixSocket.connect(path, timeout: .seconds(60))
        do {
            let served = accepted(listener)
            try caller.send(Array("hello".utf8))
            var buffer = [UInt8](repeating: 0, count: 16)
            let received = unsafe recv(served.number, &buffer, buffer.count, 0)
            #expect(received == 5)
            let sent = unsafe send(served.number, buffer, received, 0)
            #expect(sent == received)
            #expect(try caller.receive() == Array("hello".utf8))
        }
        #expect(try caller.receive() == [])
        // A signal would end the process here.
        #expect(failure { () throws(HostError) in try caller.send([1]) }?.code == EPIPE)
    }

    @Test("a caller does not wait for longer than it said", .timeLimit(.minutes(5)), arguments: [0, 1, 10_000_000])
    func patience(nanoseconds: Int) throws {
        let listener = try UnixSocket.listen(path, mode: 0o600)
        let caller = try UnixSocket.connect(path, timeout: .nanoseconds(nanoseconds))
        let error = failure { () throws(HostError) in try caller.receive() }
        #expect(error?.isTimeout == true)
        _ = consume listener
    }

    @Test("why nobody answers is told apart")
    func unanswered() throws {
        #expect(
            failure { () throws(HostError) in try UnixSocket.connect(path, timeout: .seconds(1)) }?.isNotFound == true
        )
        _ = try UnixSocket.listen(path, mode: 0o600)
        #expect(
            failure { () throws(HostError) in try UnixSocket.connect(path, timeout: .seconds(1)) }?.isRefused == true
        )
        let long = directory(String(repeating: "a", count: 200))
        let error = failure { () throws(HostError) in try UnixSocket.connect(long, timeout: .seconds(1)) }
        #expect(error?.code == ENAMETOOLONG)
        #expect(error?.path == long)
    }

    @Test("the socket of a dead daemon is replaced, ready for callers, and is never missing")
    func replacement() throws {
        _ = try UnixSocket.listen(path, mode: 0o666)
        let dead = try status(of: path).st_ino
        // A daemon with this number may have died in the middle of it.
        try write("", to: "\(path).\(getpid())")
        let watch = try DirectoryWatch(directory.path)
        let listener = try UnixSocket.listen(path, mode: 0o660, group: getegid())
        let temporary = "token.sock.\(getpid())"
        #expect(
            watch.events() == [
                "deleted \(temporary)", "created \(temporary)", "changed \(temporary)", "moved from \(temporary)",
                "moved to token.sock",
            ]
        )
        #expect(try status(of: path).st_ino != dead)
        #expect(try FileSystem.names(in: directory.path) == ["token.sock"])
        let caller = try UnixSocket.connect(path, timeout: .seconds(60))
        _ = accepted(listener)
        _ = consume caller
    }

    @Test("accepting does not wait, and neither the socket nor what it accepts outlives an exec")
    func flags() throws {
        let listener = try UnixSocket.listen(path, mode: 0o600)
        #expect(clinux_accept(listener.number) == -1)
        #expect(errno == EAGAIN)
        let caller = try UnixSocket.connect(path, timeout: .seconds(60))
        let served = accepted(listener)
        for descriptor in [listener.number, served.number] {
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
        }
        _ = consume caller
    }

    @Test("a socket that somebody listens on is left to them")
    func live() throws {
        let first = try UnixSocket.listen(path, mode: 0o600)
        let before = FileSystem.status(path)
        #expect(failure { () throws(HostError) in try UnixSocket.listen(path, mode: 0o600) }?.code == EADDRINUSE)
        #expect(FileSystem.status(path) == before)
        #expect(try FileSystem.names(in: directory.path) == ["token.sock"])
        _ = consume first
    }

    @Test("who listens, but has no time to accept, still listens")
    func busy() throws {
        let listener = try bound(path)
        #expect(listen(listener.number, 0) == 0)
        var waiting: [Int32] = []
        defer { for descriptor in waiting { close(descriptor) } }
        repeat { waiting.append(clinux_unix_stream(1)) } while unsafe clinux_unix_connect(waiting.last!, path) == 0
        #expect(errno == EAGAIN)
        #expect(failure { () throws(HostError) in try UnixSocket.listen(path, mode: 0o600) }?.code == EADDRINUSE)
        #expect(
            failure { () throws(HostError) in try UnixSocket.connect(path, timeout: .milliseconds(10)) }?.isTimeout
                == true
        )
    }

    @Test("a socket of another kind is not replaced")
    func datagram() throws {
        let socket = try bound(path, type: SOCK_DGRAM)
        let before = FileSystem.status(path)
        #expect(failure { () throws(HostError) in try UnixSocket.listen(path, mode: 0o600) }?.code == EPROTOTYPE)
        #expect(FileSystem.status(path) == before)
        _ = consume socket
    }

    @Test("what is no socket is not replaced", arguments: ["file", "directory", "link", "dangling"])
    func noSocket(kind: String) throws {
        let other = directory("other.sock")
        switch kind {
        case "file": try write("precious", to: path)
        case "directory": try FileSystem.createDirectory(path, mode: 0o755)
        case "link":
            _ = try UnixSocket.listen(other, mode: 0o600)
            try link(path, to: other)
        default: try link(path, to: other)
        }
        let before = FileSystem.status(path)
        let error = failure { () throws(HostError) in try UnixSocket.listen(path, mode: 0o600) }
        #expect(error?.alreadyExists == true)
        #expect(error?.description == "\(path): cannot be replaced: there is a file that is no socket")
        #expect(FileSystem.status(path) == before)
    }

    @Test("the longest path is the one that is told")
    func length() throws {
        let suffix = ".\(getpid())".utf8.count
        let longest = UnixSocket.longestPath - suffix
        let fits = directory(String(repeating: "a", count: longest - directory.path.utf8.count - 1))
        let error = failure { () throws(HostError) in try UnixSocket.listen(fits + "a", mode: 0o600) }
        #expect(error?.code == ENAMETOOLONG)
        #expect(error?.why == "its name has more than \(longest) bytes")
        #expect(!FileSystem.exists(fits + "a"))
        #expect(fits.utf8.count == longest)
        _ = try UnixSocket.listen(fits, mode: 0o600)
        #expect(FileSystem.status(fits)?.isSocket == true)
    }

    @Test("mode and group are as asked for, and everybody may pass the directory, whatever the umask")
    func permissions() async throws {
        let path = directory("made/for/token.sock")
        await #expect(processExitsWith: .success) { [path = path as String] in
            umask(0o777)
            // Only root may give files to any group.
            let group = geteuid() == 0 ? 4_242 : getegid()
            for mode: UInt32 in [0o666, 0o660, 0o600] {
                _ = try UnixSocket.listen(path, mode: mode, group: group)
                let status = try status(of: path)
                try #require(status.st_mode & 0o7777 == mode)
                try #require(status.st_gid == group)
            }
            _ = try UnixSocket.listen(path, mode: 0o600)
            try #require(try status(of: path).st_gid == getegid())
        }
        #expect(try mode(of: directory("made")) == 0o755)
        #expect(try mode(of: directory("made/for")) == 0o755)
    }

    @Test("a descriptor that waited no longer waits")
    func nonblocking() throws {
        let listener = try bound(path)
        #expect(listen(listener.number, 1) == 0)
        try UnixSocket.setNonblocking(listener.number)
        #expect(clinux_accept(listener.number) == -1)
        #expect(errno == EAGAIN)
        #expect(failure { () throws(HostError) in try UnixSocket.setNonblocking(-1) }?.code == EBADF)
        #expect(failure { () throws(HostError) in try UnixSocket.passCredentials(-1) }?.code == EBADF)
    }
}
