internal import Glibc

/// Standard output and standard error, written at once and whole.
package enum StandardStreams {
    /// Writes `lines` to standard output.
    package static func write(_ lines: [String]) { write(lines, to: 1) }

    /// Writes `lines` to standard error.
    package static func writeErrors(_ lines: [String]) { write(lines, to: 2) }

    /// Writes `bytes` to standard output as they are; false when nobody reads it any more.
    @discardableResult
    package static func write(_ bytes: [UInt8]) -> Bool { write(bytes, to: 1) }

    private static func write(_ lines: [String], to descriptor: Int32) {
        write(Array(lines.map { $0 + "\n" }.joined().utf8), to: descriptor)
    }

    @discardableResult
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress! + written, bytes.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN {
                // Whoever shares the pipe or the terminal may have made it one that does not wait.
                var full = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = unsafe poll(&full, 1, -1)
                continue
            }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }
}
