internal import Glibc
internal import LinuxHost

/// Bytes that wait in a line, a token perhaps among them: added at the end, taken at the front, and overwritten as soon
/// as they are taken or forgotten.
///
/// An array that grows or is cut leaves its bytes behind in freed memory; this one does not. It never shares its storage
/// for longer than a call, else the overwriting would hit a copy.
struct WipedBytes: Sendable {
    /// A buffer as small as this is kept when it is empty; larger ones would add up over thousands of idle connections.
    let keptCapacity: Int

    /// With what was taken and is overwritten in front.
    private(set) var storage: [UInt8] = []

    /// Where in the storage the first byte lies.
    private(set) var start = 0

    init(keptCapacity: Int) { self.keptCapacity = keptCapacity }

    var count: Int { storage.count - start }

    var isEmpty: Bool { count == 0 }

    subscript(position: Int) -> UInt8 { storage[start + position] }

    /// What the storage takes of the heap.
    var capacity: Int { storage.capacity }

    /// Copies the bytes of `added`, which stay their owner's to wipe.
    mutating func append(_ added: some Collection<UInt8>) {
        makeRoom(for: added.count)
        storage.append(contentsOf: added)
    }

    /// Copies the bytes of `added`, which stay their owner's to wipe.
    mutating func append(_ added: Span<UInt8>) {
        guard !added.isEmpty else { return }
        makeRoom(for: added.count)
        unsafe added.withUnsafeBufferPointer { unsafe storage.append(contentsOf: $0) }
    }

    private mutating func makeRoom(for added: Int) {
        let needed = count + added
        if storage.capacity < needed {
            move(capacity: max(needed, 2 * count))
        } else if start > 0 {
            slide()
        }
    }

    /// Takes the bytes over, without a copy where nothing waits.
    mutating func adopt(_ added: consuming [UInt8]) {
        if isEmpty {
            storage = added
            start = 0
        } else {
            append(added)
            added.wipe()
        }
    }

    /// The first `count` bytes, copied.
    func prefix(_ count: Int) -> [UInt8] { Array(storage[start..<start + count]) }

    /// Takes `count` bytes away.
    mutating func removeFirst(_ count: Int) {
        guard count > 0 else { return }
        let taken = start..<start + count
        unsafe storage.withUnsafeMutableBytes { bytes in
            unsafe explicit_bzero(bytes.baseAddress! + taken.lowerBound, taken.count)
        }
        start = taken.upperBound
        guard isEmpty else { return }
        start = 0
        storage.removeAll(keepingCapacity: storage.capacity <= keptCapacity)
    }

    /// Gives back what a burst left of the heap.
    mutating func shrink() {
        if storage.capacity > 2 * count + keptCapacity { move(capacity: count) }
    }

    /// Forgets all of it.
    mutating func wipe() {
        storage.wipe()
        start = 0
    }

    /// Goes on in an array of its own, and wipes the one before.
    private mutating func move(capacity: Int) {
        var moved: [UInt8] = []
        moved.reserveCapacity(capacity)
        moved.append(contentsOf: storage[start...])
        storage.wipe()
        storage = moved
        start = 0
    }

    /// Moves what is there to the front, and wipes what it leaves behind.
    private mutating func slide() {
        let (start, count) = (start, count)
        unsafe storage.withUnsafeMutableBytes { bytes in
            unsafe bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start...]))
            unsafe explicit_bzero(bytes.baseAddress! + count, start)
        }
        storage.removeLast(start)
        self.start = 0
    }
}

extension [UInt8] {
    /// Overwrites the bytes where they lie and leaves none; a copy that somebody else holds is the holder's to wipe.
    mutating func wipe() {
        guard !isEmpty else { return }
        overwrite(count)
        self = []
    }
}
