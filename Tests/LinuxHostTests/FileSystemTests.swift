import Glibc
import LinuxHost
import Testing

@Suite("Files")
struct FileSystemTests {
    private let directory: TestDirectory

    init() throws { directory = try TestDirectory() }

    @Test("a directory has its mode and its parents may be passed, whatever the umask", arguments: ["", "/", "//"])
    func modes(suffix: String) async throws {
        let path = directory("a/b/c\(suffix)")
        await #expect(processExitsWith: .success) { [path = path as String] in
            umask(0o777)
            try FileSystem.createDirectory(path, mode: 0o2750)
        }
        #expect(try mode(of: directory("a")) == 0o755)
        #expect(try mode(of: directory("a/b")) == 0o755)
        #expect(try mode(of: directory("a/b/c")) == 0o2750)
    }

    @Test("a directory that exists is left as it is, behind a link too")
    func existing() throws {
        let path = directory("a")
        try FileSystem.createDirectory(path, mode: 0o700)
        try FileSystem.createDirectory(path, mode: 0o755)
        try link(directory("b"), to: path)
        try FileSystem.createDirectory(directory("b"), mode: 0o755)
        #expect(try mode(of: path) == 0o700)
        try FileSystem.createDirectory("/", mode: 0o700)
    }

    @Test("what is no directory is not replaced by one")
    func noDirectory() throws {
        let path = directory("a")
        try write("precious", to: path)
        for path in [path, "\(path)/b", "\(path)/b/c"] {
            let error = failure { () throws(HostError) in try FileSystem.createDirectory(path, mode: 0o700) }
            #expect(error?.code == ENOTDIR, "\(path)")
        }
        #expect(try text(of: path) == "precious")
        let error = failure { () throws(HostError) in try FileSystem.createDirectory("", mode: 0o700) }
        #expect(error?.isNotFound == true)
    }

    @Test("a change of content, mode or file is seen in the status")
    func stamps() throws {
        let path = directory("secret")
        try write("one", to: path)
        var before = FileSystem.status(path)
        #expect(before?.size == 3)
        #expect(before?.isSocket == false)
        #expect(FileSystem.status(path) == before)
        /// Does it until the kernel's clock, whose steps may be of milliseconds, has moved on.
        func isSeen(_ change: () throws -> Void) throws -> Bool {
            defer { before = FileSystem.status(path) }
            for _ in 0..<1_000_000 {
                try change()
                if FileSystem.status(path) != before { return true }
            }
            return false
        }
        #expect(try isSeen { try write("two", to: path) })
        #expect(try isSeen { try write("three", to: path) })
        #expect(before?.size == 5)
        #expect(try isSeen { try write("three", to: path, mode: 0o640) })
        let inode = before?.inode
        try write("three", to: directory("new"))
        let renamed = unsafe rename(directory("new"), path)
        #expect(renamed == 0)
        #expect(FileSystem.status(path)?.inode != inode)
    }

    @Test("a link is looked at itself, and what is not there is not")
    func links() throws {
        try link(directory("a"), to: directory("b"))
        #expect(FileSystem.exists(directory("a")))
        #expect(!FileSystem.exists(directory("b")))
        #expect(FileSystem.status("\(directory("a"))/c") == nil)
    }

    @Test("names are told without the two that every directory has")
    func names() throws {
        for name in ["b", ".hidden", "...", "ü", "a b"] { try write("", to: directory(name)) }
        #expect(try FileSystem.names(in: directory.path).sorted() == ["...", ".hidden", "a b", "b", "ü"].sorted())
        let missing = failure { () throws(HostError) in try FileSystem.names(in: directory("missing")) }
        #expect(missing?.isNotFound == true)
        #expect(failure { () throws(HostError) in try FileSystem.names(in: directory("b")) }?.code == ENOTDIR)
    }

    @Test("a file is read piece by piece, after its name is gone too")
    func pieces() throws {
        let path = directory("backup")
        let contents = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        try FileSystem.createExclusively(path, mode: 0o600, contents: contents)
        let file = try FileSystem.openForReading(path)
        #expect(fcntl(file.number, F_GETFD) & FD_CLOEXEC != 0)
        try FileSystem.remove(path)
        var read: [UInt8] = []
        var sizes: [Int] = []
        while true {
            let piece = try file.read(maximumBytes: 32_768)
            if piece.isEmpty { break }
            read += piece
            sizes.append(piece.count)
        }
        #expect(read == contents)
        #expect(sizes == [32_768, 32_768, 32_768, 1_696])
        #expect(failure { () throws(HostError) in try FileSystem.openForReading(path) }?.isNotFound == true)
        let closed = FileDescriptor(owning: -1)
        #expect(failure { () throws(HostError) in try closed.read(maximumBytes: 1) }?.code == EBADF)
    }
}
