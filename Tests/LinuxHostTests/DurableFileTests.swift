import Glibc
import LinuxHost
import Testing

@Suite("Durable files")
struct DurableFileTests {
    private let directory: TestDirectory

    init() throws { directory = try TestDirectory() }

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

    @Test("a file is replaced whole, with the mode it is given, whatever a crash left beside it")
    func replacement() throws {
        let path = directory("state.key")
        try write("the new one, half wr", to: directory("state.key.new"), mode: 0o644)
        for contents in [[UInt8](repeating: 1, count: 32), [2], []] {
            let reader = try? FileSystem.openForReading(path)
            let before = try? FileSystem.read(path, maximumBytes: 32)
            try FileSystem.replace(path, mode: 0o600, contents: contents)
            #expect(try FileSystem.read(path, maximumBytes: 32) == contents)
            #expect(try mode(of: path) == 0o600)
            #expect(try FileSystem.names(in: directory.path) == ["state.key"])
            // Who had opened the old one reads it to its end.
            #expect(try reader?.read(maximumBytes: 32) == before)
        }
    }

    @Test("what cannot be written whole leaves the old file, and nothing beside it")
    func failedReplacement() async throws {
        let path = directory("state.key")
        try write("precious", to: path)
        await #expect(processExitsWith: .success) { [path = path as String] in
            _ = signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 10, rlim_max: 10)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let error = failure { () throws(HostError) in
                try FileSystem.replace(path, mode: 0o600, contents: [UInt8](repeating: 1, count: 32))
            }
            try #require(error?.code == EFBIG)
        }
        #expect(try text(of: path) == "precious")
        #expect(try FileSystem.names(in: directory.path) == ["state.key"])

        let taken = directory("directory")
        try FileSystem.createDirectory("\(taken)/full", mode: 0o700)
        let error = failure { () throws(HostError) in try FileSystem.replace(taken, mode: 0o600, contents: [1]) }
        #expect(error?.code == EISDIR)
        #expect(try FileSystem.names(in: directory.path).sorted() == ["directory", "state.key"])
    }

    @Test("a file that is renamed takes the place of the other")
    func renaming() throws {
        let (path, other) = (directory("a"), directory("b"))
        try write("one", to: path)
        try write("two", to: other)
        try FileSystem.rename(path, to: other)
        #expect(try text(of: other) == "one")
        #expect(!FileSystem.exists(path))
        try FileSystem.createDirectory(directory("c"), mode: 0o700)
        try FileSystem.rename(other, to: directory("c/b"))
        #expect(try text(of: directory("c/b")) == "one")
        let missing = failure { () throws(HostError) in try FileSystem.rename(path, to: other) }
        #expect(missing?.isNotFound == true)
        #expect(missing?.path == path)
    }

    @Test("a file is removed, and one that is not there is no error")
    func removal() throws {
        let path = directory("a")
        try write("one", to: path)
        for _ in 1...2 { try FileSystem.remove(path) }
        #expect(!FileSystem.exists(path))
        try FileSystem.createDirectory(path, mode: 0o700)
        #expect(failure { () throws(HostError) in try FileSystem.remove(path) }?.path == path)
        #expect(FileSystem.exists(path))
    }
}

@Suite("The reserve on the disk")
struct ReserveFileTests {
    private let directory: TestDirectory
    private let path: String
    private let reserve: ReserveFile

    init() throws {
        directory = try TestDirectory()
        path = directory("reserve")
        reserve = ReserveFile(path: path, byteCount: 1 << 20)
    }

    /// The bytes that the disk keeps for the file.
    private func allocated() throws -> Int { Int(try status(of: path).st_blocks) * 512 }

    @Test("it takes its room for itself alone, once, and gives it up")
    func life() throws {
        #expect(!reserve.isPresent)
        try reserve.make()
        #expect(reserve.isPresent)
        #expect(try status(of: path).st_size == 1 << 20)
        #expect(try allocated() >= 1 << 20)
        #expect(try mode(of: path) == 0o600)
        let before = try #require(FileSystem.status(path))
        try reserve.make()
        #expect(FileSystem.status(path) == before)
        for _ in 1...2 {
            try reserve.release()
            #expect(!reserve.isPresent)
        }
        #expect(try FileSystem.names(in: directory.path) == [])
    }

    @Test("a file of its size without its room is not the reserve, and is made so", arguments: [0, 4_096, 1 << 20])
    func holes(size: Int) throws {
        try write("", to: path)
        let grown = unsafe truncate(path, size)
        #expect(grown == 0)
        #expect(!reserve.isPresent)
        try reserve.make()
        #expect(reserve.isPresent)
        #expect(try allocated() >= 1 << 20)
    }

    @Test("without room for all of it nothing is taken")
    func noRoom() async throws {
        await #expect(processExitsWith: .success) { [path = path as String] in
            _ = signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 4_096, rlim_max: 4_096)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let reserve = ReserveFile(path: path, byteCount: 1 << 20)
            let error = failure { () throws(HostError) in try reserve.make() }
            try #require(error?.code == EFBIG)
            try #require(error?.path == path)
        }
        #expect(try FileSystem.names(in: directory.path) == [])
    }

    @Test("what is no file of its own is neither taken for it nor written to")
    func strangers() throws {
        try write("precious", to: directory("other"))
        try link(path, to: directory("other"))
        #expect(!reserve.isPresent)
        #expect(failure { () throws(HostError) in try reserve.make() }?.code == ELOOP)
        #expect(try text(of: directory("other")) == "precious")
        let elsewhere = ReserveFile(path: directory("missing/reserve"), byteCount: 1)
        #expect(failure { () throws(HostError) in try elsewhere.make() }?.isNotFound == true)
        #expect(!elsewhere.isPresent)
    }
}
