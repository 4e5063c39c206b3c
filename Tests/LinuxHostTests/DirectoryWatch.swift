import Glibc
import LinuxHost

/// What happens to the names in a directory, in the order of the kernel (inotify(7)).
struct DirectoryWatch: ~Copyable {
    private let descriptor: FileDescriptor

    private static let meanings: [(bit: Int, word: String)] = [
        (0x004, "changed"), (0x040, "moved from"), (0x080, "moved to"), (0x100, "created"), (0x200, "deleted"),
    ]

    init(_ path: String) throws {
        descriptor = FileDescriptor(owning: inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK)))
        let mask = UInt32(Self.meanings.reduce(0) { $0 | $1.bit })
        guard unsafe inotify_add_watch(descriptor.number, path, mask) >= 0 else { throw HostError.last("inotify") }
    }

    /// What happened since it was asked last.
    func events() -> [String] {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = unsafe read(descriptor.number, &buffer, buffer.count)
        var events: [String] = []
        var rest = buffer.prefix(max(0, count))
        while rest.count >= 16 {
            let start = rest.startIndex
            // wd, mask, cookie, len, and a name with zeros behind it.
            let mask = Int(rest[start + 4]) | Int(rest[start + 5]) << 8
            let length = Int(rest[start + 12]) | Int(rest[start + 13]) << 8
            let name = String(decoding: rest[(start + 16)..<(start + 16 + length)].prefix { $0 != 0 }, as: UTF8.self)
            let word = Self.meanings.first { mask & $0.bit != 0 }?.word ?? "?"
            events.append("\(word) \(name)")
            rest = rest.dropFirst(16 + length)
        }
        return events
    }
}
