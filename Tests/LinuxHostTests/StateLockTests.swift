import Glibc
import LinuxHost
import Testing

@Suite("The lock of a state directory")
struct StateLockTests {
    private let directory: TestDirectory
    private var path: String { directory("lock") }

    init() throws { directory = try TestDirectory() }

    private func refusal() -> HostError? {
        failure { () throws(HostError) in try StateLock.acquire(directory: directory.path) }
    }

    @Test("who comes second is told who came first, and the file is for nobody else")
    func second() throws {
        let lock = try StateLock.acquire(directory: directory.path)
        #expect(refusal()?.code == EWOULDBLOCK)
        #expect(refusal()?.description == "\(path): is locked: a daemon already runs here, process \(getpid())")
        #expect(try mode(of: path) == 0o600)
        withExtendedLifetime(lock) {}
    }

    @Test("another process is refused too")
    func otherProcess() async throws {
        let lock = try StateLock.acquire(directory: directory.path)
        let (path, holder) = (directory.path, getpid())
        await #expect(processExitsWith: .success) { [path = path as String, holder = holder as Int32] in
            let error = failure { () throws(HostError) in try StateLock.acquire(directory: path) }
            try #require(error?.why == "a daemon already runs here, process \(holder)")
            try #require(getpid() != holder)
        }
        withExtendedLifetime(lock) {}
    }

    @Test("it is free again when its holder lets go, or dies")
    func freedom() async throws {
        for _ in 0..<2 { _ = try StateLock.acquire(directory: directory.path) }
        let path = directory.path
        await #expect(processExitsWith: .exitCode(9)) { [path = path as String] in
            let lock = try StateLock.acquire(directory: path)
            withExtendedLifetime(lock) { _exit(9) }
        }
        // Longer than any number, to show that what the last one left is gone.
        try write(String(repeating: "9", count: 30), to: self.path)
        let lock = try StateLock.acquire(directory: path)
        #expect(try text(of: self.path) == "\(getpid())\n")
        withExtendedLifetime(lock) {}
    }

    @Test("who holds it without a word is not named")
    func unnamed() throws {
        let holder = FileDescriptor(owning: unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600))
        #expect(flock(holder.number, LOCK_EX | LOCK_NB) == 0)
        #expect(refusal()?.why == "a daemon already runs here")
    }

    @Test("a program that is started does not hold it on")
    func descriptor() throws {
        let lock = try StateLock.acquire(directory: directory.path)
        let holders = try FileSystem.names(in: "/proc/self/fd").compactMap(Int32.init).filter { number in
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = unsafe readlink("/proc/self/fd/\(number)", &buffer, buffer.count)
            return String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self) == path
        }
        #expect(holders.count == 1)
        for number in holders { #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0) }
        withExtendedLifetime(lock) {}
    }

    @Test("where nothing can be made, nothing is locked")
    func missing() {
        let error = failure { () throws(HostError) in try StateLock.acquire(directory: directory("missing")) }
        #expect(error?.isNotFound == true)
    }
}
