import Glibc
import LinuxHost
import Testing

@Suite("Files with secrets")
struct SecretFileTests {
    private let directory: TestDirectory
    private var path: String { directory("secret") }

    init() throws { directory = try TestDirectory() }

    private func pipe(_ path: String, mode: UInt32 = 0o600) throws {
        guard unsafe mkfifo(path, mode) == 0 else { throw HostError.last("mkfifo") }
    }

    @Test(
        "a file is read whole or not at all",
        arguments: [(0, 0), (0, 1), (1, 1), (100, 100), (65_536, 65_536), (65_537, 65_537), (300_000, 1 << 20)]
    )
    func content(count: Int, maximum: Int) throws {
        let text = String(repeating: "s", count: count)
        try write(text, to: path)
        #expect(try SecretFile.read(path, maximumBytes: maximum).bytes == Array(text.utf8))
        if count > 0 {
            let error = failure { () throws(HostError) in try SecretFile.read(path, maximumBytes: count - 1) }
            #expect(error?.code == EFBIG)
            #expect(error?.description == "\(path): cannot be read: more than \(count - 1) bytes")
        }
    }

    @Test(
        "whether others could read it is told",
        arguments: [
            (0o600, false), (0o400, false), (0o700, false), (0o611, false), (0o622, false), (0o640, true),
            (0o604, true), (0o644, true),
        ] as [(UInt32, Bool)]
    )
    func readability(mode: UInt32, isReadableByOthers: Bool) throws {
        try write("s", to: path, mode: mode)
        #expect(try SecretFile.read(path, maximumBytes: 10).isReadableByOthers == isReadableByOthers)
    }

    @Test("a link leads to its file, whose mode counts")
    func links() throws {
        try write("s", to: path)
        try link(directory("link"), to: path)
        let file = try SecretFile.read(directory("link"), maximumBytes: 10)
        #expect(file.bytes == Array("s".utf8))
        #expect(!file.isReadableByOthers)
    }

    @Test("the kernel's files, which have no size, are read to their end")
    func kernelFile() throws {
        let status = try SecretFile.read("/proc/self/status", maximumBytes: 65_536).bytes
        #expect(status.starts(with: Array("Name:".utf8)))
    }

    @Test("what nobody wrote is nothing", .timeLimit(.minutes(5)))
    func pipeWithoutWriter() throws {
        try pipe(path)
        #expect(try SecretFile.read(path, maximumBytes: 10).bytes == [])
    }

    @Test("a pipe is read until its writer is done", .timeLimit(.minutes(5)), arguments: [0, 3, 200_000])
    func pipeWithWriter(count: Int) async throws {
        let path = path
        try pipe(path, mode: 0o640)
        // Held before the reading begins, so that it waits for more.
        let writer = unsafe open(path, O_RDWR | O_CLOEXEC)
        async let reading = blocking { try SecretFile.read(path, maximumBytes: 1 << 20) }
        try await blocking {
            let piece = [UInt8](repeating: 0x73, count: count)
            for _ in 0..<2 {
                // More than a pipe holds blocks until the reader is at it.
                guard unsafe Glibc.write(writer, piece, count) == count else { throw HostError.last("write") }
                try drain(writer)
            }
            close(writer)
        }
        let file = try await reading
        #expect(file.bytes == [UInt8](repeating: 0x73, count: 2 * count))
        #expect(file.isReadableByOthers == (try mode(of: path) & 0o044 != 0))
    }

    @Test("a pipe that brings too much is not read on", .timeLimit(.minutes(5)))
    func endlessPipe() async throws {
        let path = path
        try pipe(path)
        let writer = FileDescriptor(owning: unsafe open(path, O_RDWR | O_CLOEXEC))
        let piece = [UInt8](repeating: 0x73, count: 1_000)
        let written = unsafe Glibc.write(writer.number, piece, piece.count)
        #expect(written == piece.count)
        #expect(failure { () throws(HostError) in try SecretFile.read(path, maximumBytes: 999) }?.code == EFBIG)
    }

    @Test(
        "what is neither a file nor a pipe is refused and not waited for",
        .timeLimit(.minutes(5)),
        arguments: ["/dev/zero", "/dev/null", "/dev/random"]
    )
    func devices(path: String) {
        let error = failure { () throws(HostError) in try SecretFile.read(path, maximumBytes: 10) }
        #expect(error?.description == "\(path): cannot be read: it is neither a file nor a pipe")
    }

    @Test("directories, sockets and what is not there are told apart")
    func others() throws {
        func code(_ path: String) -> Int32? {
            failure { () throws(HostError) in try SecretFile.read(path, maximumBytes: 10) }?.code
        }
        _ = try UnixSocket.listen(directory("socket"), mode: 0o600)
        #expect(code(directory.path) == EISDIR)
        #expect(code(directory("socket")) == ENXIO)
        #expect(code(path) == ENOENT)
        try link(path, to: path)
        #expect(code(path) == ELOOP)
        #expect(code("\(directory("socket"))/a") == ENOTDIR)
    }
}

/// Returns when all that was written to a pipe has been read.
private func drain(_ pipe: Int32) throws {
    var waiting: Int32 = 1
    while waiting > 0 {
        guard unsafe ioctl(pipe, UInt(FIONREAD), &waiting) == 0 else { throw HostError.last("ioctl") }
        sched_yield()
    }
}
