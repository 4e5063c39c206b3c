internal import CLinux
internal import Glibc

/// Where what a connection sent arrives before its machine has it, and is overwritten as soon as it has.
@safe
struct ReceiveBuffer: ~Copyable {
    /// As much as a head and a small body take; more comes with the next read.
    static let capacity = 16_384

    private let room: UnsafeMutableBufferPointer<UInt8>

    /// How many bytes the latest read brought that were not wiped yet.
    private(set) var count = 0

    init() {
        unsafe room = .allocate(capacity: Self.capacity)
        unsafe room.initialize(repeating: 0)
    }

    deinit { unsafe room.deallocate() }

    /// Reads what a socket has.
    mutating func receive(from descriptor: Int32) -> clinux_received {
        let received = unsafe clinux_receive(descriptor, room.baseAddress!, room.count)
        count = max(0, received.count)
        return received
    }

    /// Lends what was read.
    func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        unsafe body(UnsafeBufferPointer(rebasing: room[..<count]).span)
    }

    /// Whether `bytes` are what was read, no more and no less.
    func holds(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == count else { return false }
        return unsafe memcmp(bytes, room.baseAddress!, count) == 0
    }

    /// Tells most of what is read from all else that is; to find it again, not to know it.
    var fingerprint: Int {
        withBytes { span in
            var mixed = UInt64(truncatingIfNeeded: span.count)
            let bytes = unsafe span.bytes
            var position = 0
            while position &+ 8 <= span.count {
                let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
                mixed = (mixed ^ word) &* 0x9E37_79B9_7F4A_7C15
                position &+= 8
            }
            return Int(truncatingIfNeeded: mixed >> 32)
        }
    }

    mutating func wipe() {
        unsafe explicit_bzero(room.baseAddress!, count)
        count = 0
    }
}
