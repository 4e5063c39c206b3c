/// A client secret, token or key that prints as a placeholder, compares in constant time and is wiped when released.
///
/// Copies of the value share one buffer; the bytes are overwritten when the last copy goes.
package struct Secret: Sendable {
    private let storage: SecretBytes

    /// Copies the UTF-8 bytes of `text`.
    package init(_ text: String) {
        self.init(bytes: Array(text.utf8))
    }

    /// Copies `bytes`.
    package init(bytes: [UInt8]) {
        storage = SecretBytes(bytes)
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
        String(decoding: exposedBytes(), as: UTF8.self)
    }

    /// The value as bytes, for the one place that sends or seals it.
    package func exposedBytes() -> [UInt8] {
        withBytes { span in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(span.count)
            for index in span.indices { bytes.append(span[index]) }
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

    init(_ source: [UInt8]) {
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: source.count)
        _ = unsafe buffer.initialize(from: source)
        unsafe bytes = UnsafeBufferPointer(buffer)
    }

    var count: Int { unsafe bytes.count }

    func withBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
        try unsafe body(bytes.span)
    }

    deinit {
        let buffer = unsafe UnsafeMutableBufferPointer(mutating: bytes)
        for index in buffer.indices { unsafe buffer[index] = 0 }
        // Without a use after the stores the optimiser may drop them.
        unsafe withExtendedLifetime(SecretBytes.observe(buffer)) {}
        unsafe buffer.deallocate()
    }

    @inline(never)
    private static func observe(_ buffer: UnsafeMutableBufferPointer<UInt8>) -> UInt8 {
        unsafe buffer.first ?? 0
    }
}
