import Foundation
import Glibc
import LinuxHost

/// What a process has in memory and may write, as root sees it.
struct ProcessMemory {
    struct Mapping {
        let addresses: Range<UInt>

        /// What it is of, when it has a name.
        let name: String

        /// As /proc/PID/smaps abbreviates them.
        let flags: Set<Substring>
        let bytes: [UInt8]

        /// Whether it is locked, in no core dump, and empty in a child.
        var isArena: Bool { flags.isSuperset(of: ["lo", "dd", "wf"]) }
    }

    let mappings: [Mapping]

    init(of pid: Int32) throws {
        let memory = try FileHandle(forReadingFrom: URL(filePath: "/proc/\(pid)/mem"))
        defer { try? memory.close() }
        let descriptor = memory.fileDescriptor
        var mappings: [Mapping] = []
        var (addresses, name): (Range<UInt>?, String) = (nil, "")
        let smaps = try FileSystem.read("/proc/\(pid)/smaps", maximumBytes: 16 << 20)
        for line in String(decoding: smaps, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            if ends.count == 2, ends[0] < ends[1], words.count > 4 {
                addresses = words[1].hasPrefix("rw") ? ends[0]..<ends[1] : nil
                name = words.count > 5 ? String(words[5]) : ""
            } else if words[0] == "VmFlags:", let range = addresses {
                var bytes = [UInt8](repeating: 0, count: range.count)
                let read = unsafe bytes.withUnsafeMutableBytes { buffer in
                    unsafe pread(descriptor, buffer.baseAddress!, buffer.count, off_t(range.lowerBound))
                }
                // What goes away meanwhile holds nothing any more.
                bytes.removeLast(bytes.count - max(0, read))
                mappings.append(Mapping(addresses: range, name: name, flags: Set(words.dropFirst()), bytes: bytes))
            }
        }
        self.mappings = mappings
    }

    var arenas: [Mapping] { mappings.filter(\.isArena) }

    /// What begins with each copy of `needle` in the arena.
    func placesInArena(of needle: [UInt8]) -> [ArraySlice<UInt8>] {
        arenas.flatMap { Self.places(of: needle, in: $0.bytes) }
    }

    /// What begins with each copy of `needle` that is not in the arena.
    func placesElsewhere(of needle: [UInt8]) -> [ArraySlice<UInt8>] {
        mappings.filter { !$0.isArena }.flatMap { Self.places(of: needle, in: $0.bytes) }
    }

    /// Enough to tell what it is a part of.
    private static let longestPlace = 64

    private static func places(of needle: [UInt8], in haystack: [UInt8]) -> [ArraySlice<UInt8>] {
        unsafe haystack.withUnsafeBytes { bytes in
            var (places, start) = ([ArraySlice<UInt8>](), 0)
            while start + needle.count <= bytes.count,
                let found = unsafe memchr(bytes.baseAddress! + start, Int32(needle[0]), bytes.count - start)
            {
                let offset = unsafe UnsafeRawPointer(found) - bytes.baseAddress!
                let isWhole = offset + needle.count <= bytes.count
                if isWhole, unsafe memcmp(found, needle, needle.count) == 0 {
                    places.append(haystack[offset..<min(haystack.count, offset + longestPlace)])
                }
                start = offset + 1
            }
            return places
        }
    }
}
