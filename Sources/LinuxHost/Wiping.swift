internal import Glibc

extension [UInt8] {
    /// Overwrites the first `count` bytes with zeros.
    ///
    /// No other array may share them: a copy would be made and overwritten in their place.
    package mutating func overwrite(_ count: Int) {
        unsafe withUnsafeMutableBytes { buffer in
            if let start = buffer.baseAddress { unsafe explicit_bzero(start, count) }
        }
    }

    /// Adds `piece`, and overwrites what is outgrown by it.
    mutating func append(overwriting piece: ArraySlice<UInt8>) {
        if count + piece.count > capacity {
            var larger: [UInt8] = []
            larger.reserveCapacity(2 * (count + piece.count))
            larger += self
            overwrite(count)
            self = larger
        }
        append(contentsOf: piece)
    }
}
