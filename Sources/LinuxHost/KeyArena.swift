internal import CLinux
internal import Glibc
internal import Synchronization

/// Memory for keys and other small secrets that is never swapped out, dumped or inherited, and zero where nobody has it.
@safe
package final class KeyArena: Sendable {
    /// Some hundreds of tokens of 1 to 2 KiB; only what is touched takes memory.
    package static let usualByteCount = 1 << 20

    /// Of what may be locked (RLIMIT_MEMLOCK: 8 MiB by default, 64 KiB before Linux 5.16), the rest being others'.
    package static let shareOfLimit = 4

    /// Of the slabs, those that only keys are given.
    package static let shareForKeys = 8

    private static let slabBytes = 4_096
    private static let smallestBlock = 32

    /// A slab is cut into blocks of one size.
    private struct Slab {
        /// 0 while it is uncut.
        var blockBytes = 0

        /// A bit a block.
        var taken: UInt128 = 0

        var blockCount: Int { blockBytes == 0 ? 0 : KeyArena.slabBytes / blockBytes }
        var hasRoom: Bool { taken.nonzeroBitCount < blockCount }
    }

    private struct State {
        var slabs: [Slab]
        var uncut: Int

        /// By the logarithm of the block's size: how many slabs have room, and one that probably has.
        var roomy = [Int](repeating: 0, count: 13)
        var likely = [Int](repeating: 0, count: 13)
    }

    // A pointer is not Sendable; this one never changes, and each block behind it is one holder's.
    private nonisolated(unsafe) let memory: UnsafeMutableRawPointer
    private let byteCount: Int
    private let slabsForKeys: Int
    private let state: Mutex<State>

    /// Locks `byteCount` bytes, or as many as the limit lets it have a share of.
    package init(byteCount: Int = usualByteCount) throws(HostError) {
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit)
        let page = max(sysconf(Int32(_SC_PAGESIZE)), KeyArena.slabBytes)
        let share = Int(clamping: limit.rlim_cur) / KeyArena.shareOfLimit
        let byteCount = min(byteCount, share) / page * page
        guard byteCount > 0 else {
            let reason = "RLIMIT_MEMLOCK is \(limit.rlim_cur) bytes"
            throw HostError("memory cannot be locked", code: ENOMEM, reason: reason)
        }
        guard let memory = unsafe clinux_key_memory(byteCount) else { throw .last("memory cannot be locked") }
        unsafe self.memory = memory
        self.byteCount = byteCount
        let slabs = byteCount / KeyArena.slabBytes
        slabsForKeys = max(1, slabs / KeyArena.shareForKeys)
        state = Mutex(State(slabs: Array(repeating: Slab(), count: slabs), uncut: slabs))
    }

    deinit { unsafe clinux_free_key_memory(memory, byteCount) }

    /// Where it is.
    package var addresses: Range<UInt> {
        let start = unsafe UInt(bitPattern: memory)
        return start..<start + UInt(byteCount)
    }

    /// Lends `count` bytes, which are zero; nil when there is no room, or the whole slab would not do.
    package func allocate(_ count: Int, forKey: Bool = false) -> UnsafeMutableRawPointer? {
        guard count > 0, let size = KeyArena.size(count) else { return nil }
        let offset = state.withLock { state -> Int? in
            guard let slab = KeyArena.slab(size, &state, leaving: forKey ? 0 : slabsForKeys) else { return nil }
            let block = (~state.slabs[slab].taken).trailingZeroBitCount
            state.slabs[slab].taken |= 1 << UInt128(block)
            if !state.slabs[slab].hasRoom { state.roomy[size] -= 1 }
            return slab * KeyArena.slabBytes + (block << size)
        }
        return unsafe offset.map { unsafe memory + $0 }
    }

    /// Takes back what `allocate` lent for as many bytes, and wipes it.
    package func release(_ start: UnsafeMutableRawPointer, _ count: Int) {
        guard let size = KeyArena.size(count) else { return }
        unsafe explicit_bzero(start, count)
        let offset = unsafe start - memory
        let (slab, block) = (offset / KeyArena.slabBytes, (offset % KeyArena.slabBytes) >> size)
        state.withLock { state in
            if !state.slabs[slab].hasRoom { state.roomy[size] += 1 }
            state.slabs[slab].taken &= ~(1 << UInt128(block))
            state.likely[size] = slab
            guard state.slabs[slab].taken == 0 else { return }
            // The next to need a slab may need it in other pieces.
            state.slabs[slab] = Slab()
            state.roomy[size] -= 1
            state.uncut += 1
        }
    }

    /// The logarithm of the smallest block that holds `count` bytes.
    private static func size(_ count: Int) -> Int? {
        guard count <= slabBytes else { return nil }
        return Int.bitWidth - (max(count, smallestBlock) - 1).leadingZeroBitCount
    }

    /// A slab with room for a block of `size`; a new one when there is none and more than `kept` are left.
    private static func slab(_ size: Int, _ state: inout State, leaving kept: Int) -> Int? {
        func hasRoom(_ index: Int) -> Bool {
            state.slabs[index].blockBytes == 1 << size && state.slabs[index].hasRoom
        }
        if state.roomy[size] > 0 {
            if hasRoom(state.likely[size]) { return state.likely[size] }
            guard let slab = state.slabs.indices.first(where: hasRoom) else { return nil }
            state.likely[size] = slab
            return slab
        }
        guard state.uncut > kept, let slab = state.slabs.firstIndex(where: { $0.blockBytes == 0 }) else { return nil }
        state.slabs[slab].blockBytes = 1 << size
        state.uncut -= 1
        state.roomy[size] += 1
        state.likely[size] = slab
        return slab
    }
}
