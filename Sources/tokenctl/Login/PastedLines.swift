/// Makes lines of what is pasted or piped in, as a terminal would that shows nothing.
struct PastedLines {
    /// The daemon takes bodies of 16 KiB.
    static let longestLine = 15_000

    enum Event: Equatable {
        /// An address to be handed over.
        case address(String)
        /// A line that is none, and why.
        case unusable(String)
        /// The end of what is typed, by Ctrl-D.
        case end
    }

    /// Whether keys have their meaning.
    let isTerminal: Bool
    private var line: [UInt8] = []
    private var isTooLong = false

    init(isTerminal: Bool) { self.isTerminal = isTerminal }

    mutating func add(_ bytes: [UInt8]) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            switch byte {
            case 0x0A, 0x0D:
                if let event = finish() { events.append(event) }
            case 0x04 where isTerminal:
                if line.isEmpty { return events + [.end] }
            case 0x08 where isTerminal, 0x7F where isTerminal:
                _ = line.popLast()
            case 0x15 where isTerminal:
                line = []
            default:
                guard line.count < Self.longestLine else {
                    isTooLong = true
                    continue
                }
                line.append(byte)
            }
        }
        return events
    }

    /// The line that stands there, when nothing more comes.
    mutating func finish() -> Event? {
        defer {
            line = []
            isTooLong = false
        }
        guard !isTooLong else { return .unusable("it has more than \(Self.longestLine) bytes") }
        // Quotation marks and angle brackets come along from mails and chats.
        let around: [UInt8] = Array(" \t\"'<>".utf8)
        let trimmed = line.drop(while: around.contains).reversed().drop(while: around.contains).reversed()
        guard !trimmed.isEmpty else { return nil }
        guard trimmed.allSatisfy({ (0x21...0x7E).contains($0) }), trimmed.contains(UInt8(ascii: "?")) else {
            return .unusable("it is no address with a question mark in it")
        }
        return .address(String(decoding: trimmed, as: UTF8.self))
    }
}
