/// Takes an HTTP/1.1 answer apart as its bytes come: by Content-Length, chunked, or to the end.
struct AnswerReader {
    /// The daemon's own answers are far smaller; a stream is read piece by piece.
    static let maximumBody = 64 << 20
    static let maximumHead = 64 << 10

    enum Step: Equatable {
        case needsMore
        /// A piece of the body.
        case body([UInt8])
        case end
        case broken
    }

    private enum Framing: Equatable {
        case length(Int)
        case chunked(left: Int?)
        case toTheEnd
        case over
    }

    private(set) var status: Int?
    private var bytes: [UInt8] = []
    private var framing = Framing.toTheEnd
    private var peerFinished = false

    /// Whether the daemon did what it was asked, or took it on.
    var isSuccess: Bool { status == 200 || status == 202 }

    /// Whether the daemon closed the connection, having begun an answer; one that was not whole is no other's fault.
    var isCutOff: Bool { peerFinished && status != nil }

    /// Whether nothing of an answer came.
    var isSilent: Bool { status == nil && bytes.isEmpty }

    mutating func append(_ received: [UInt8]) { bytes += received }

    /// The daemon closed the connection.
    mutating func finish() { peerFinished = true }

    mutating func next() -> Step {
        if status == nil {
            guard let end = headEnd() else {
                return peerFinished || bytes.count > Self.maximumHead ? .broken : .needsMore
            }
            guard readHead(bytes[..<end]) else { return .broken }
            bytes.removeFirst(end + 4)
        }
        switch framing {
        case .over:
            return .end
        case .length(let left):
            guard left > 0 else { return finishBody() }
            guard !bytes.isEmpty else { return peerFinished ? .broken : .needsMore }
            let piece = Array(bytes.prefix(left))
            bytes.removeFirst(piece.count)
            framing = .length(left - piece.count)
            return .body(piece)
        case .toTheEnd:
            guard bytes.isEmpty else {
                defer { bytes = [] }
                return .body(bytes)
            }
            return peerFinished ? finishBody() : .needsMore
        case .chunked(let left):
            return nextChunk(left)
        }
    }

    private mutating func finishBody() -> Step {
        framing = .over
        return .end
    }

    private mutating func nextChunk(_ left: Int?) -> Step {
        guard let left else {
            guard let end = bytes.firstIndex(of: 0x0A) else {
                return peerFinished || bytes.count > Self.maximumHead ? .broken : .needsMore
            }
            let line = String(decoding: bytes[..<end], as: UTF8.self).prefix { $0.isHexDigit }
            guard let size = Int(line, radix: 16), size <= Self.maximumBody else { return .broken }
            bytes.removeFirst(end + 1)
            if size == 0 { return finishBody() }
            framing = .chunked(left: size)
            return next()
        }
        guard bytes.count >= left + 2 else { return peerFinished ? .broken : .needsMore }
        guard bytes[left...].starts(with: [0x0D, 0x0A]) else { return .broken }
        let piece = Array(bytes.prefix(left))
        bytes.removeFirst(left + 2)
        framing = .chunked(left: nil)
        return .body(piece)
    }

    private func headEnd() -> Int? {
        let end: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        guard bytes.count >= end.count else { return nil }
        return (0...(bytes.count - end.count)).first { bytes[$0...].starts(with: end) }
    }

    /// Every fetch reads one: by bytes, for a text's generic ways take longer to be set up than to be gone.
    private mutating func readHead(_ head: ArraySlice<UInt8>) -> Bool {
        var rest = head
        let first = Self.takeLine(&rest)
        guard first.starts(with: "HTTP/1.".utf8), let status = Self.number(first.dropFirst(9).prefix(3)),
            (100...599).contains(status)
        else { return false }
        self.status = status
        while !rest.isEmpty {
            let line = Self.takeLine(&rest)
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return false }
            let value = line[(colon + 1)...].drop { $0 == UInt8(ascii: " ") }
            switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
            case "content-length":
                guard let length = Self.number(value), length <= Self.maximumBody else { return false }
                framing = .length(length)
            case "transfer-encoding":
                framing = .chunked(left: nil)
            default:
                break
            }
        }
        return true
    }

    /// What comes before the next line break, which goes with it.
    private static func takeLine(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var end = rest.startIndex
        while end < rest.endIndex, !rest[end...].starts(with: "\r\n".utf8) { end += 1 }
        let line = rest[..<end]
        rest = rest[end...].dropFirst(2)
        return line
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        digits.allSatisfy { (0x30...0x39).contains($0) } ? Int(String(decoding: digits, as: UTF8.self)) : nil
    }
}
