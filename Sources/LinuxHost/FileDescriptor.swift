internal import Glibc

/// An open descriptor that is closed when it goes.
package struct FileDescriptor: ~Copyable, Sendable {
    package let number: Int32

    /// Takes `number` over.
    package init(owning number: Int32) { self.number = number }

    /// Gives it up unclosed.
    package consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    deinit { _ = close(number) }
}

extension FileDescriptor {
    /// What comes next, as much as there is up to `maximumBytes`; empty at the end.
    package func read(maximumBytes: Int) throws(HostError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: maximumBytes)
        while true {
            let count = unsafe Glibc.read(number, &buffer, maximumBytes)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .last("read") }
            buffer.removeLast(maximumBytes - count)
            return buffer
        }
    }

    /// Writes all of `bytes`, from `offset` on or where the last write ended; `path` is for the error.
    func write(_ bytes: [UInt8], at offset: Int? = nil, path: String? = nil) throws(HostError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let (rest, left) = unsafe (buffer.baseAddress! + written, bytes.count - written)
                return if let offset {
                    unsafe pwrite(number, rest, left, offset + written)
                } else {
                    unsafe Glibc.write(number, rest, left)
                }
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .last("cannot be written", path: path) }
            written += count
        }
    }
}
