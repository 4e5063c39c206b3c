import TestSupport

/// A random change of bytes, such as a fuzzer without knowledge of the program makes.
struct Mutation {
    private var generator: SeededGenerator
    private let others: [[UInt8]]

    /// - Parameter others: What a change may take pieces of.
    init(seed: UInt64, others: [[UInt8]]) {
        generator = SeededGenerator(seed: seed)
        self.others = others
    }

    private static let syntax = Array("{}[]\",:=&%+ \\<>'.#-\0\r\n\u{7F}0xe".utf8)

    /// `bytes` with one to four changes.
    mutating func applied(to bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...generator.below(4) {
            let start = generator.below(bytes.count + 1)
            let end = min(bytes.count, start + generator.below(16))
            switch generator.below(7) {
            case 0: bytes.replaceSubrange(start..<min(start + 1, bytes.count), with: [generator.pick(Mutation.syntax)])
            case 1: bytes.insert(UInt8(generator.below(256)), at: start)
            case 2: bytes.insert(generator.pick(Mutation.syntax), at: start)
            case 3: bytes.removeSubrange(start..<end)
            case 4: bytes.removeSubrange(start...)
            case 5: bytes.insert(contentsOf: bytes[start..<end], at: generator.below(bytes.count + 1))
            default:
                let other = generator.pick(others)
                let from = generator.below(other.count + 1)
                bytes.insert(contentsOf: other[from...].prefix(generator.below(40)), at: start)
            }
        }
        return bytes
    }
}
