import Foundation

/// What an ELF file asks the dynamic linker for (elf(5)).
struct DynamicSection {
    /// The shared libraries, by the names in DT_NEEDED.
    let needed: [String]

    enum Unreadable: Error {
        case noELF64LittleEndian
        case outside(offset: Int)
        case noDynamicSection
    }

    private static let ptLoad = 1
    private static let ptDynamic = 2
    private static let dtNull = 0
    private static let dtNeeded = 1
    private static let dtStringTable = 5

    init(of file: Data) throws {
        // The magic number, ELFCLASS64 and ELFDATA2LSB.
        guard file.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]) else { throw Unreadable.noELF64LittleEndian }
        let image = Image(bytes: file)
        let headers = try image.number(at: 0x20, bytes: 8)
        let size = try image.number(at: 0x36, bytes: 2)
        let segments = try (0..<image.number(at: 0x38, bytes: 2)).map { index in
            let start = headers + index * size
            return try (
                type: image.number(at: start, bytes: 4), offset: image.number(at: start + 0x08, bytes: 8),
                address: image.number(at: start + 0x10, bytes: 8), length: image.number(at: start + 0x20, bytes: 8)
            )
        }
        guard let dynamic = segments.first(where: { $0.type == Self.ptDynamic }) else {
            throw Unreadable.noDynamicSection
        }
        var names: [Int] = []
        var table: Int?
        var entry = dynamic.offset
        while true {
            let (tag, value) = try (image.number(at: entry, bytes: 8), image.number(at: entry + 8, bytes: 8))
            if tag == Self.dtNull { break }
            if tag == Self.dtNeeded { names.append(value) }
            if tag == Self.dtStringTable { table = value }
            entry += 16
        }
        let segment = segments.first {
            $0.type == Self.ptLoad && ($0.address..<($0.address + $0.length)).contains(table ?? -1)
        }
        guard let table, let segment else { throw Unreadable.noDynamicSection }
        let strings = table - segment.address + segment.offset
        needed = try names.map { try image.string(at: strings + $0) }
    }

    private struct Image {
        let bytes: Data

        func number(at offset: Int, bytes count: Int) throws -> Int {
            guard offset >= 0, offset <= bytes.count - count else { throw Unreadable.outside(offset: offset) }
            let value = bytes[offset..<(offset + count)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard let value = Int(exactly: value) else { throw Unreadable.outside(offset: offset) }
            return value
        }

        func string(at offset: Int) throws -> String {
            guard bytes.indices.contains(offset), let end = bytes[offset...].firstIndex(of: 0) else {
                throw Unreadable.outside(offset: offset)
            }
            return String(decoding: bytes[offset..<end], as: UTF8.self)
        }
    }
}
