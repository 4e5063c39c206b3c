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

    @Test("a new file has its content and mode, and its name is in the directory")
    func creation() throws {
        let path = directory("state.key")
        let contents = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
        try FileSystem.createExclusively(path, mode: 0o600, contents: contents)
        #expect(try FileSystem.read(path, maximumBytes: contents.count) == contents)
        #expect(try mode(of: path) == 0o600)
        #expect(try FileSystem.names(in: directory.path) == ["state.key"])
        try FileSystem.createExclusively(directory("empty"), mode: 0o400, contents: [])
        #expect(try FileSystem.read(directory("empty"), maximumBytes: 0) == [])
    }

    @Test("a file that is there is never written over", arguments: ["file", "link", "dangling", "directory"])
    func exclusiveness(kind: String) throws {
        let (path, other) = (directory("state.key"), directory("other"))
        switch kind {
        case "file": try write("precious", to: path)
        case "link":
            try write("precious", to: other)
            try link(path, to: other)
        case "dangling": try link(path, to: other)
        default: try FileSystem.createDirectory(path, mode: 0o700)
        }
        let before = FileSystem.status(path)
        let error = failure { () throws(HostError) in
            try FileSystem.createExclusively(path, mode: 0o600, contents: [1])
        }
        #expect(error?.alreadyExists == true)
        #expect(FileSystem.status(path) == before)
        #expect(FileSystem.exists(other) == (kind == "link"))
        if kind == "link" { #expect(try text(of: other) == "precious") }
    }

    @Test("a file that cannot be written whole is not left there in part")
    func partialWrite() async throws {
        let path = directory("state.key")
        await #expect(processExitsWith: .success) { [path = path as String] in
            _ = signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 10, rlim_max: 10)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let error = failure { () throws(HostError) in
                try FileSystem.createExclusively(path, mode: 0o600, contents: [UInt8](repeating: 1, count: 32))
            }
            try #require(error?.code == EFBIG)
            try #require(!FileSystem.exists(path))
        }
        #expect(try FileSystem.names(in: directory.path) == [])
    }

    @Test("a file whose name cannot be made durable is not left there")
    func undurableName() async throws {
        // A directory that may be written but not opened, as whoever is not root; synchronising it needs the latter.
        let path = directory("closed")
        try FileSystem.createDirectory(path, mode: 0o300)
        let ordinary: UInt32 = geteuid() == 0 ? 4_242 : geteuid()
        for path in [directory.path, path] where geteuid() == 0 {
            let changed = unsafe chown(path, ordinary, ordinary)
            #expect(changed == 0)
        }
        await #expect(processExitsWith: .success) { [path = path as String, ordinary = ordinary as UInt32] in
            try #require(setuid(ordinary) == 0)
            let error = failure { () throws(HostError) in
                try FileSystem.createExclusively("\(path)/state.key", mode: 0o600, contents: [1])
            }
            try #require(error?.isPermission == true)
            try #require(error?.path == path)
        }
        let opened = unsafe chmod(path, 0o700)
        #expect(opened == 0)
        #expect(try FileSystem.names(in: path) == [])
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
}
