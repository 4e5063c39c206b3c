internal import Glibc

/// The standard streams, read to their end, and written at once and whole.
package enum StandardStreams {
    /// What is left of standard input, of at most `maximumBytes`; more is an error, not cut.
    package static func read(maximumBytes: Int) throws(HostError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: min(maximumBytes + 1, 65_536))
        while true {
            let count = unsafe Glibc.read(0, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN {
                var empty = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
                _ = unsafe poll(&empty, 1, -1)
                continue
            }
            guard count >= 0 else { throw .last("standard input cannot be read") }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= maximumBytes else {
                throw HostError(
                    "standard input cannot be read",
                    code: EFBIG,
                    reason: "more than \(maximumBytes) bytes"
                )
            }
        }
    }

    /// What there is of standard input, of at most `maximumBytes`; empty at its end, nil when there is nothing yet.
    ///
    /// - Parameter descriptor: Another in place of standard input.
    package static func readAvailable(maximumBytes: Int, from descriptor: Int32 = 0) throws(HostError) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: maximumBytes)
        let count = unsafe Glibc.read(descriptor, &buffer, maximumBytes)
        if count < 0 && (errno == EINTR || errno == EAGAIN) { return nil }
        guard count >= 0 else { throw .last("standard input cannot be read") }
        return Array(buffer.prefix(count))
    }

    /// Writes `lines` to standard output.
    package static func write(_ lines: [String]) { write(lines, to: 1) }

    /// Writes `lines` to standard error.
    package static func writeErrors(_ lines: [String]) { write(lines, to: 2) }

    /// Writes `bytes` to standard output as they are; false when nobody reads it any more.
    @discardableResult
    package static func write(_ bytes: [UInt8]) -> Bool { write(bytes, to: 1) }

    /// Writes `text` to standard error as it is, without the end of a line.
    package static func writeErrorText(_ text: String) { write(Array(text.utf8), to: 2) }

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
