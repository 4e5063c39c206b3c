import Glibc
import LinuxHost
import Testing

@Suite("A file in memory")
struct MemoryFileTests {
    private static let room = 1 << 20

    /// A second holder of the same file, as a service manager is.
    private static func keep(_ file: MemoryFile) -> MemoryFile { MemoryFile(adopting: dup(file.descriptor)) }

    private static func size(_ file: MemoryFile) -> Int {
        var status = stat()
        return unsafe fstat(file.descriptor, &status) == 0 ? Int(status.st_size) : -1
    }

    @Test("records come back as they were, in their order")
    func records() throws {
        let file = try MemoryFile(name: "grants")
        #expect(try file.records(maximumBytes: 0) == [])
        let records: [[UInt8]] = [
            [1, 2, 3], [], [UInt8](repeating: 0, count: 9), (0..<70_000).map { UInt8(truncatingIfNeeded: $0) },
        ]
        for (index, record) in records.enumerated() {
            try file.append(record)
            #expect(try file.records(maximumBytes: Self.room) == Array(records[...index]))
        }
        try file.removeAll()
        #expect(try file.records(maximumBytes: 0) == [])
        try file.append([7])
        #expect(try file.records(maximumBytes: Self.room) == [[7]])
    }

    @Test("it has no name in any directory, and a program that is started does not hold it")
    func secrecy() throws {
        let file = try MemoryFile(name: "grants")
        var status = stat()
        let looked = unsafe fstat(file.descriptor, &status)
        #expect(looked == 0)
        #expect(status.st_nlink == 0)
        #expect(fcntl(file.descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test("whoever holds it keeps what is in it, and goes on with it")
    func adoption() throws {
        let first = try MemoryFile(name: "grants")
        try first.append([1])
        let second = Self.keep(first)
        try first.append([2])
        #expect(try second.records(maximumBytes: Self.room) == [[1], [2]])
        try second.append([3])
        #expect(try first.records(maximumBytes: Self.room) == [[1], [2], [3]])
    }

    @Test("a crash of the writer loses no record")
    func crash() async throws {
        let file = try MemoryFile(name: "grants")
        let path = "/proc/\(getpid())/fd/\(file.descriptor)"
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let file = MemoryFile(adopting: unsafe open(path, O_RDWR | O_CLOEXEC))
            try file.append([1, 2, 3])
            CurrentProcess.killItself()
        }
        #expect(try file.records(maximumBytes: Self.room) == [[1, 2, 3]])
    }

    @Test("what a crash left of a record is passed over, and gone with the next one")
    func tornTail() throws {
        let (kept, torn): ([UInt8], [UInt8]) = ([1, 2, 3], [UInt8](repeating: 0, count: 20))
        for length in 0..<24 {
            let file = try MemoryFile(name: "grants")
            try file.append(kept)
            try file.append(torn)
            let whole = Self.size(file)
            let cut = ftruncate(file.descriptor, whole - 24 + length)
            #expect(cut == 0)
            #expect(try file.records(maximumBytes: Self.room) == [kept], "\(length) bytes of 24")
            let successor = Self.keep(file)
            try successor.append([4])
            #expect(try successor.records(maximumBytes: Self.room) == [kept, [4]], "\(length) bytes of 24")
        }
    }

    @Test("a record that does not fit is not there in part")
    func full() async {
        await #expect(processExitsWith: .success) {
            _ = signal(SIGXFSZ, SIG_IGN)
            let file = try MemoryFile(name: "grants")
            try file.append([1])
            var limit = rlimit(rlim_cur: 100, rlim_max: 100)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let error = failure { () throws(HostError) in try file.append([UInt8](repeating: 2, count: 200)) }
            try #require(error?.code == EFBIG)
            try #require(Self.size(file) == 5)
            try file.append([3])
            try #require(try file.records(maximumBytes: Self.room) == [[1], [3]])
        }
    }

    @Test("more than may be held in memory is an error, not cut")
    func limit() throws {
        let file = try MemoryFile(name: "grants")
        try file.append([UInt8](repeating: 1, count: 96))
        #expect(try file.records(maximumBytes: 100).count == 1)
        let error = failure { () throws(HostError) in try file.records(maximumBytes: 99) }
        #expect(error?.description == "the memory file cannot be read: more than 99 bytes")
    }

    @Test("a descriptor that is no file is said")
    func noFile() {
        let file = MemoryFile(adopting: -1)
        #expect(failure { () throws(HostError) in try file.records(maximumBytes: 1) }?.code == EBADF)
        #expect(failure { () throws(HostError) in try file.append([1]) }?.code == EBADF)
        #expect(failure { () throws(HostError) in try file.removeAll() }?.code == EBADF)
    }

    @Test("records of several threads do not mix")
    func threads() async throws {
        let file = try MemoryFile(name: "grants")
        try await withThrowingTaskGroup { group in
            for number in UInt8(1)...20 {
                group.addTask {
                    try await blocking { try file.append([UInt8](repeating: number, count: Int(number))) }
                }
            }
            try await group.waitForAll()
        }
        let records = try file.records(maximumBytes: Self.room).sorted { $0.count < $1.count }
        #expect(records == (UInt8(1)...20).map { [UInt8](repeating: $0, count: Int($0)) })
    }
}
