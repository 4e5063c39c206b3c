import Glibc
import LinuxHost
import Testing

private func setLockLimit(_ bytes: rlim_t) {
    var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
    unsafe setrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit)
}

private struct LentBlock: Equatable {
    let address: UInt
    let count: Int

    init?(_ arena: KeyArena, _ count: Int, forKey: Bool = false) {
        guard let start = unsafe arena.allocate(count, forKey: forKey) else { return nil }
        address = UInt(bitPattern: start)
        self.count = count
    }

    var bytes: UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(bitPattern: address), count: count)
    }

    var isZero: Bool { unsafe bytes.allSatisfy { $0 == 0 } }
    var range: Range<UInt> { address..<address + UInt(count) }

    func fill() { unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0xA5) }
    func giveBack(to arena: KeyArena) { unsafe arena.release(bytes.baseAddress!, count) }
}

/// What /proc/self/smaps says of the mapping that begins at an address.
private struct Mapping {
    var sizes: [String: Int] = [:]
    var flags: Set<String> = []

    init(at address: UInt) throws {
        let text = String(decoding: try FileSystem.read("/proc/self/smaps", maximumBytes: 16 << 20), as: UTF8.self)
        let lines = text.split(separator: "\n")
        let start = try #require(lines.firstIndex { $0.hasPrefix("\(String(address, radix: 16))-") })
        for line in lines[(start + 1)...] {
            let words = line.split(separator: " ")
            if words[0] == "VmFlags:" {
                flags = Set(words.dropFirst().map(String.init))
                return
            }
            sizes[String(words[0].dropLast())] = Int(words[1])
        }
    }
}

@Suite("The key arena")
struct KeyArenaTests {
    @Test("it is locked as it is touched, in no core dump, empty in a child, and between pages that nobody can touch")
    func protection() async {
        // In a process of its own: what other tests map meanwhile can hide a line of /proc/self/smaps from who reads it.
        await #expect(processExitsWith: .success) {
            let arena = try KeyArena(byteCount: 65_536)
            let address = arena.addresses.lowerBound
            #expect(try Mapping(at: address).flags.isSuperset(of: ["rd", "wr", "lo", "dd", "wf"]))
            #expect(try Mapping(at: address).sizes["Rss"] == 0)
            let block = try #require(LentBlock(arena, 32))
            block.fill()
            #expect(try Mapping(at: address).sizes["Size"] == 64)
            #expect(try Mapping(at: address).sizes["Locked"] == 4)
            for guardPage in [address - UInt(sysconf(Int32(_SC_PAGESIZE))), arena.addresses.upperBound] {
                #expect(try Mapping(at: guardPage).flags.isDisjoint(with: ["rd", "wr", "ex"]))
            }
            block.giveBack(to: arena)
        }
    }

    @Test("a step beyond it ends the process", arguments: [-1, 65_536])
    func guardPages(offset: Int) async {
        await #expect(processExitsWith: .signal(SIGSEGV)) { [offset = offset as Int] in
            let arena = try KeyArena(byteCount: 65_536)
            let beyond = unsafe UnsafePointer<UInt8>(bitPattern: Int(arena.addresses.lowerBound) + offset)!
            StandardStreams.write(["\(unsafe beyond.pointee)"])
        }
    }

    @Test("a child finds zeros in it")
    func forked() async {
        await #expect(processExitsWith: .success) {
            let arena = try KeyArena(byteCount: 65_536)
            let block = try #require(LentBlock(arena, 100))
            block.fill()
            // Swift does not let fork(2) be called, and what the child does here is safe in one.
            typealias Fork = @convention(c) () -> Int32
            let fork = unsafe unsafeBitCast(dlsym(nil, "fork"), to: Fork.self)
            let child = fork()
            if child == 0 { _exit(block.isZero ? 0 : 1) }
            var status: Int32 = -1
            unsafe waitpid(child, &status, 0)
            try #require(child > 0 && status == 0 && !block.isZero)
        }
    }

    @Test("blocks are zero, apart from each other, and within it; and zero again for the next")
    func blocks() throws {
        let arena = try KeyArena(byteCount: 65_536)
        var generator = SystemRandomNumberGenerator()
        var held: [LentBlock] = []
        for _ in 0..<5_000 {
            if Bool.random(using: &generator), let block = LentBlock(arena, .random(in: 1...4_096, using: &generator)) {
                #expect(block.isZero)
                #expect(arena.addresses.contains(block.address) && block.range.upperBound <= arena.addresses.upperBound)
                #expect(!held.contains { $0.range.overlaps(block.range) })
                block.fill()
                held.append(block)
            } else if let index = held.indices.randomElement(using: &generator) {
                let block = held.remove(at: index)
                block.giveBack(to: arena)
                #expect(block.isZero)
            }
        }
        for block in held { block.giveBack(to: arena) }
        let whole = unsafe UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bitPattern: arena.addresses.lowerBound),
            count: arena.addresses.count
        )
        #expect(unsafe whole.allSatisfy { $0 == 0 })
        // What was cut into small pieces serves large ones again.
        #expect((0..<14).allSatisfy { _ in LentBlock(arena, 4_096) != nil })
    }

    @Test("full, it says so; a part is left to keys, and what is given back serves again")
    func exhaustion() throws {
        let arena = try KeyArena(byteCount: 65_536)
        #expect(LentBlock(arena, 4_097) == nil)
        #expect(LentBlock(arena, 0) == nil)
        let slabs = 65_536 / 4_096
        let forKeys = slabs / KeyArena.shareForKeys
        let tokens = (0..<slabs).map { _ in LentBlock(arena, 3_000) }
        #expect(tokens.count { $0 != nil } == slabs - forKeys)
        let keys = (0..<forKeys * 128 + 1).map { _ in LentBlock(arena, 32, forKey: true) }
        #expect(keys.count { $0 != nil } == forKeys * 128)
        #expect(keys.last == .some(nil))
        let returned = try #require(tokens[3])
        returned.giveBack(to: arena)
        // The slabs left are for keys now that keys have used theirs up.
        #expect(LentBlock(arena, 3_000) == nil)
        #expect(LentBlock(arena, 3_000, forKey: true)?.address == returned.address)
    }

    @Test("it takes a share of what may be locked, and says what it needs where that is nothing")
    func limits() async {
        await #expect(processExitsWith: .success) {
            setLockLimit(65_536)
            let arena = try KeyArena()
            try #require(arena.addresses.count == 65_536 / KeyArena.shareOfLimit)
            try #require(LentBlock(arena, 32, forKey: true) != nil)
        }
        await #expect(processExitsWith: .success) {
            setLockLimit(4_096)
            let error = try #require(throws: HostError.self) { try KeyArena() }
            try #require(error.description == "memory cannot be locked: RLIMIT_MEMLOCK is 4096 bytes")
        }
    }

    @Test(
        "where others have locked what may be locked, it is refused",
        .enabled(if: geteuid() == 0, "only root may become somebody else")
    )
    func refusal() async {
        await #expect(processExitsWith: .success) {
            setLockLimit(1 << 20)
            try #require(setuid(4_242) == 0)
            let others = unsafe mmap(nil, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            let locked = unsafe mlock(others!, 1 << 20)
            try #require(locked == 0)
            let error = try #require(throws: HostError.self) { try KeyArena() }
            try #require(error.description == "memory cannot be locked: Cannot allocate memory")
        }
    }

    @Test("threads take and give back at the same time")
    func threads() async throws {
        let arena = try KeyArena(byteCount: 65_536)
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<4 {
                group.addTask {
                    for turn in 0..<2_000 {
                        guard let block = LentBlock(arena, 20 + (turn * 37 + number) % 900) else { continue }
                        guard block.isZero else { return false }
                        block.fill()
                        block.giveBack(to: arena)
                    }
                    return true
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
