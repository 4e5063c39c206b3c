/// Room for one answer, filled again for the next, so that a cached fetch takes nothing from the heap.
@safe
package struct AnswerBuffer: ~Copyable {
    /// Tokens have 1 to 2 KiB, those with many claims some more; a longer answer finds other room.
    package static let usualCapacity = 16_384

    private let room: UnsafeMutableBufferPointer<UInt8>

    /// The length of what was written, and of what found no room too.
    private var length = 0

    /// How much of the room holds what was written since it was wiped.
    private var dirty = 0

    /// What was written last as a whole, and how long it is, while it is still there.
    private var latest: (seal: Seal, length: Int)?

    /// Tells an answer from every other.
    struct Seal: Equatable {
        let token: UInt64
        let format: TokenFormat
        let expiresIn: DecimalText
    }

    /// An empty buffer of so many bytes.
    package init(capacity: Int = usualCapacity) {
        unsafe room = .allocate(capacity: max(1, capacity))
        unsafe room.initialize(repeating: 0)
    }

    /// Whether nothing was written.
    var isEmpty: Bool { length == 0 }

    /// Whether all that was written found room.
    package var isWhole: Bool { unsafe length <= room.count }

    /// Writes `bytes`.
    package mutating func append(_ bytes: Span<UInt8>) {
        latest = nil
        let start = length
        length += bytes.count
        guard isWhole else { return }
        unsafe bytes.withUnsafeBufferPointer { bytes in
            guard let first = bytes.baseAddress else { return }
            unsafe (room.baseAddress! + start).update(from: first, count: bytes.count)
        }
    }

    /// Writes `bytes`.
    package mutating func append(_ bytes: [UInt8]) { append(bytes.span) }

    /// Writes `number`.
    package mutating func append(_ number: DecimalText) { number.withBytes { append($0) } }

    /// Lends what was written, from the byte after `count` others on.
    package func withBytes<Result>(after count: Int = 0, _ body: (Span<UInt8>) -> Result) -> Result {
        unsafe body(UnsafeBufferPointer(rebasing: room[count..<min(length, room.count)]).span)
    }

    /// Takes the answer of `seal` up again, if the empty buffer still holds it.
    mutating func takeUp(_ seal: Seal) -> Bool {
        guard isEmpty, let latest, latest.seal == seal else { return false }
        length = latest.length
        return true
    }

    /// What was written is, as a whole, the answer of `seal`.
    mutating func close(with seal: Seal) { if isWhole { latest = (seal, length) } }

    /// Whether nothing is left of what was written.
    package var isWiped: Bool { isEmpty && dirty == 0 }

    /// Is empty again; what was written stays until it is overwritten or wiped.
    package mutating func clear() {
        dirty = max(dirty, unsafe min(length, room.count))
        length = 0
    }

    /// Overwrites all that was written, so that no token stays behind, and is empty again.
    package mutating func wipe() {
        clear()
        latest = nil
        guard dirty > 0 else { return }
        unsafe room.baseAddress!.update(repeating: 0, count: dirty)
        // Without a use after the stores the optimiser may drop them.
        unsafe withExtendedLifetime(Self.observe(room)) {}
        dirty = 0
    }

    @inline(never)
    private static func observe(_ room: UnsafeMutableBufferPointer<UInt8>) -> UInt8 { unsafe room[0] }

    deinit {
        unsafe room.update(repeating: 0)
        unsafe withExtendedLifetime(Self.observe(room)) {}
        unsafe room.deallocate()
    }
}

extension [UInt8] {
    /// Copies what `answer` holds.
    package init(_ answer: borrowing AnswerBuffer) {
        self = answer.withBytes { span in unsafe span.withUnsafeBufferPointer { unsafe Array($0) } }
    }
}
