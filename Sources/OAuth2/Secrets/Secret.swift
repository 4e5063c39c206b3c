/// A client secret, token or key that prints as a placeholder, compares in constant time and is wiped when released.
///
/// Copies of the value share one buffer; the bytes are overwritten when the last copy goes.
package struct Secret: Sendable {
    private let storage: SecretBytes

    /// Copies `bytes`.
    ///
    /// - Parameter isKey: Whether it opens other secrets, so that locked memory has room kept for it.
    package init(_ bytes: Span<UInt8>, isKey: Bool = false) {
        storage = SecretBytes(bytes, isKey: isKey)
    }

    /// Copies the UTF-8 bytes of `text`.
    package init(_ text: String) {
        self.init(text.utf8.span)
    }

    /// Copies `bytes`.
    package init(bytes: [UInt8]) {
        self.init(bytes.span)
    }

    /// Takes `bytes` over: copies them and wipes them where they were.
    package init(wiping bytes: inout [UInt8], isKey: Bool = false) {
        self.init(bytes.span, isKey: isKey)
        bytes.wipe()
    }

    /// The length in bytes.
    package var count: Int { storage.count }

    /// Whether there is nothing in it.
    package var isEmpty: Bool { count == 0 }

    /// Lends the bytes for the time of `body`; they must not be kept.
    package func withBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
        try storage.withBytes(body)
    }

    /// The value as text, for the one place that sends it; ill-formed UTF-8 is repaired.
    package func exposed() -> String {
        withBytes { span in
            unsafe span.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
        }
    }

    /// The value as bytes, for the one place that sends it, which wipes them.
    package func exposedBytes() -> [UInt8] {
        withBytes { span in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(span.count)
            bytes.append(contentsOf: span)
            return bytes
        }
    }
}

extension Secret: Equatable {
    /// Compares in time that depends on the lengths alone.
    package static func == (left: Secret, right: Secret) -> Bool {
        guard left.count == right.count else { return false }
        return left.withBytes { leftBytes in
            right.withBytes { rightBytes in
                var difference: UInt8 = 0
                for index in leftBytes.indices { difference |= leftBytes[index] ^ rightBytes[index] }
                return difference == 0
            }
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always the same placeholder.
    package var description: String { "<secret>" }

    /// Always the same placeholder.
    package var debugDescription: String { description }

    /// Nothing, so that `dump` and test failures show nothing.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The buffer behind a `Secret`.
///
/// Immutable from `init` to `deinit`, which is what makes sharing it between threads sound; the pointer never leaves.
@safe
private final class SecretBytes: Sendable {
    // A pointer is not Sendable; this one is only read until `deinit`.
    private nonisolated(unsafe) let bytes: UnsafeBufferPointer<UInt8>

    /// Whose memory it is; nil for the heap's.
    private let lender: SecretMemory?

    init(_ source: Span<UInt8>, isKey: Bool) {
        let buffer: UnsafeMutableBufferPointer<UInt8>
        if let memory = SecretMemory.installed, let lent = unsafe memory.allocate(source.count, isKey) {
            lender = memory
            unsafe buffer = UnsafeMutableBufferPointer(
                start: lent.bindMemory(to: UInt8.self, capacity: source.count),
                count: source.count
            )
        } else {
            lender = nil
            unsafe buffer = .allocate(capacity: source.count)
        }
        unsafe source.withUnsafeBufferPointer { _ = unsafe buffer.initialize(from: $0) }
        unsafe bytes = UnsafeBufferPointer(buffer)
    }

    var count: Int { unsafe bytes.count }

    func withBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
        try unsafe body(bytes.span)
    }

    deinit {
        let buffer = unsafe UnsafeMutableBufferPointer(mutating: bytes)
        if let lender, let start = buffer.baseAddress {
            unsafe lender.release(start, buffer.count)
        } else {
            unsafe Wiping.wipe(buffer)
            unsafe buffer.deallocate()
        }
    }
}
