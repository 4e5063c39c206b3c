/// Overwriting what would stay behind in freed memory.
enum Wiping {
    /// Writes zeros that the optimiser does not drop.
    static func wipe(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
        unsafe buffer.update(repeating: 0)
        // Without a use after the stores it may.
        unsafe withExtendedLifetime(observe(buffer)) {}
    }

    @inline(never)
    private static func observe(_ buffer: UnsafeMutableBufferPointer<UInt8>) -> UInt8 {
        unsafe buffer.first ?? 0
    }
}

extension [UInt8] {
    /// Overwrites the bytes with zeros.
    ///
    /// No other array may share them: a copy would be made and wiped in their place. What an array left behind when it
    /// grew is not reached either, so that it is reserved whole, or `SecretWriter` is used.
    package mutating func wipe() {
        unsafe withUnsafeMutableBufferPointer { unsafe Wiping.wipe($0) }
    }

    /// Adds `bytes` at the end.
    package mutating func append(contentsOf bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
