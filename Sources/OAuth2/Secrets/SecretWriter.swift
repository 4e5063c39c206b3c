/// A secret while it is written: what it outgrows, and the whole when it goes, is wiped.
@safe
package struct SecretWriter: ~Copyable {
    private var buffer: UnsafeMutableBufferPointer<UInt8>

    /// How many bytes were written.
    package private(set) var count = 0

    /// - Parameter capacity: What will probably do.
    package init(capacity: Int = 512) {
        unsafe buffer = .allocate(capacity: max(1, capacity))
        unsafe buffer.initialize(repeating: 0)
    }

    /// Writes one byte.
    package mutating func append(_ byte: UInt8) {
        makeRoom(for: 1)
        unsafe buffer[count] = byte
        count += 1
    }

    /// Writes `bytes`.
    package mutating func append(_ bytes: Span<UInt8>) {
        makeRoom(for: bytes.count)
        unsafe bytes.withUnsafeBufferPointer { bytes in
            _ = unsafe UnsafeMutableBufferPointer(rebasing: buffer[count...]).update(from: bytes)
        }
        count += bytes.count
    }

    /// What was written so far.
    package func secret() -> Secret {
        unsafe Secret(UnsafeBufferPointer(rebasing: buffer[..<count]).span)
    }

    private mutating func makeRoom(for more: Int) {
        guard unsafe count + more > buffer.count else { return }
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 2 * (count + more))
        unsafe larger.initialize(repeating: 0)
        _ = unsafe larger.update(from: buffer[..<count])
        unsafe Wiping.wipe(buffer)
        unsafe buffer.deallocate()
        unsafe buffer = larger
    }

    deinit {
        unsafe Wiping.wipe(buffer)
        unsafe buffer.deallocate()
    }
}

extension SecretWriter: @unchecked Sendable {
    // It owns its buffer alone.
}
