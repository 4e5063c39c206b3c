import Glibc
import LinuxHost
import Testing

@Suite("A new file") struct NewFileTests {
    private let directory: TestDirectory

    init() throws { directory = try TestDirectory() }

    private func names() throws -> [String] { try FileSystem.names(in: directory.path).sorted() }

    @Test("takes its name when it is whole, and not before")
    func commit() throws {
        let path = directory("backup")
        var file = try NewFile(path, mode: 0o600, replacing: false)
        #expect(file.path == path)
        try file.write(Array("one ".utf8))
        try file.write(Array("two".utf8))
        let before = try names()
        #expect(before.count == 1 && before.first?.hasPrefix("backup.partial-") == true)
        try file.commit()
        #expect(try names() == ["backup"])
        #expect(try text(of: path) == "one two")
        #expect(try mode(of: path) == 0o600)
    }

    @Test("that is given up is gone")
    func discard() throws {
        do {
            let file = try NewFile(directory("backup"), mode: 0o600, replacing: false)
            try file.write([1])
            #expect(try names().count == 1)
        }
        #expect(try names() == [])
    }

    @Test("that cannot be written is gone too")
    func unwritable() async throws {
        let path = directory("backup")
        await #expect(processExitsWith: .success) { [path = path as String] in
            _ = signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 10, rlim_max: 10)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let error = failure { () throws(HostError) in
                let file = try NewFile(path, mode: 0o600, replacing: false)
                try file.write([UInt8](repeating: 1, count: 32))
            }
            try #require(error?.code == EFBIG && error?.path == path)
        }
        #expect(try names() == [])
    }

    @Test("does not take a name that is taken, be it only by the time it is whole", arguments: [true, false])
    func exclusiveness(fromTheBeginning: Bool) throws {
        let path = directory("backup")
        if fromTheBeginning { try write("other", to: path) }
        let error = failure { () throws(HostError) in
            var file = try NewFile(path, mode: 0o600, replacing: false)
            try file.write([1])
            try FileSystem.createExclusively(path, mode: 0o600, contents: Array("other".utf8))
            try file.commit()
        }
        #expect(error?.alreadyExists == true && error?.path == path)
        #expect(try names() == ["backup"])
        #expect(try text(of: path) == "other")
    }

    @Test("replaces a file when that is meant, and the old one stays until it is whole")
    func replacement() throws {
        let path = directory("backup")
        try write("old", to: path, mode: 0o644)
        var file = try NewFile(path, mode: 0o600, replacing: true)
        try file.write(Array("new".utf8))
        #expect(try text(of: path) == "old")
        try file.commit()
        #expect(try names() == ["backup"])
        #expect(try text(of: path) == "new")
        #expect(try mode(of: path) == 0o600)
    }

    @Test("replaces no directory, device or link", arguments: ["directory", "link"])
    func irreplaceable(kind: String) throws {
        let path = directory("backup")
        if kind == "link" {
            try link(path, to: "/dev/null")
        } else {
            try FileSystem.createDirectory(path, mode: 0o700)
        }
        let error = failure { () throws(HostError) in try NewFile(path, mode: 0o600, replacing: true) }
        #expect(error?.why == "it is no regular file" && error?.isUnusablePath == true)
        #expect(try names() == ["backup"])
    }

    @Test("in a directory that is not there is refused with its name")
    func nowhere() {
        let error = failure { () throws(HostError) in try NewFile(directory("a/b"), mode: 0o600, replacing: false) }
        #expect(error?.isNotFound == true && error?.isUnusablePath == true && error?.path == directory("a/b"))
    }
}
