internal import CLinux
internal import Glibc
internal import Synchronization

/// A file without a name, in memory, for as long as somebody holds its descriptor (memfd_create(2)).
///
/// It holds records, each behind its length, and outlives a crash of its writer with whoever was given the descriptor.
/// One process writes.
package final class MemoryFile: Sendable {
    private let file: FileDescriptor

    /// Between finding the end and writing there nobody else may do the same.
    private let writing = Mutex(())

    /// A new, empty one; `name` is only what `/proc` shows.
    package init(name: String) throws(HostError) {
        let number = unsafe clinux_memory_file(name)
        guard number >= 0 else { throw .last("memfd_create") }
        file = FileDescriptor(owning: number)
    }

    /// Takes over a descriptor that somebody kept; what is in the file stays.
    package init(adopting descriptor: Int32) { file = FileDescriptor(owning: descriptor) }

    /// What to hand to whoever shall keep it; closed when this goes.
    package var descriptor: Int32 { file.number }

    /// Adds a record, which is there whole or, after an error or a crash, not at all.
    package func append(_ record: [UInt8]) throws(HostError) {
        guard let length = UInt32(exactly: record.count) else { throw HostError("append", code: EFBIG) }
        try writing.withLock { _ throws(HostError) in
            let end = try pieces().last?.upperBound ?? 0
            // What a crash left of a record would be read as one where a shorter record ends before it.
            try truncate(to: end)
            do throws(HostError) {
                try file.write(MemoryFile.bytes(of: length) + record, at: end)
            } catch {
                try truncate(to: end)
                throw error
            }
        }
    }

    /// Every record that is whole, in the order of appending.
    ///
    /// - Parameter maximumBytes: What the file may hold in all, lengths included; more is an error.
    package func records(maximumBytes: Int) throws(HostError) -> [[UInt8]] {
        guard try size <= maximumBytes else {
            throw HostError("the memory file cannot be read", code: EFBIG, reason: "more than \(maximumBytes) bytes")
        }
        return try pieces().map { piece throws(HostError) in try read(piece.dropFirst(MemoryFile.lengthBytes)) }
    }

    /// Removes every record.
    package func removeAll() throws(HostError) {
        try writing.withLock { _ throws(HostError) in try truncate(to: 0) }
    }

    private static let lengthBytes = 4

    private static func bytes(of length: UInt32) -> [UInt8] {
        (0..<lengthBytes).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    }

    /// Where each whole record is, its length included.
    private func pieces() throws(HostError) -> [Range<Int>] {
        let size = try size
        var pieces: [Range<Int>] = []
        var start = 0
        while size - start >= MemoryFile.lengthBytes {
            let length = try read(start..<start + MemoryFile.lengthBytes).reversed().reduce(0) { $0 << 8 | Int($1) }
            let end = start + MemoryFile.lengthBytes + length
            guard end <= size else { break }
            pieces.append(start..<end)
            start = end
        }
        return pieces
    }

    private var size: Int {
        get throws(HostError) {
            var status = stat()
            guard unsafe fstat(file.number, &status) == 0 else { throw .last("fstat") }
            return Int(status.st_size)
        }
    }

    private func read(_ range: Range<Int>) throws(HostError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var got = 0
        while got < range.count {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(file.number, buffer.baseAddress! + got, range.count - got, range.lowerBound + got)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw count < 0 ? .last("pread") : HostError("pread", code: EIO) }
            got += count
        }
        return bytes
    }

    private func truncate(to size: Int) throws(HostError) {
        while ftruncate(file.number, size) != 0 {
            guard errno == EINTR else { throw .last("ftruncate") }
        }
    }
}
