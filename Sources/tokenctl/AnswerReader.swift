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
            guard readHead(String(decoding: bytes[..<end], as: UTF8.self)) else { return .broken }
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

    private mutating func readHead(_ head: String) -> Bool {
        let lines = head.split(separator: "\r\n")
        guard let first = lines.first, first.hasPrefix("HTTP/1."), let status = Int(first.dropFirst(9).prefix(3)),
            (100...599).contains(status)
        else { return false }
        self.status = status
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return false }
            let value = parts[1].drop { $0 == " " }
            switch parts[0].lowercased() {
            case "content-length":
                guard let length = Int(value), (0...Self.maximumBody).contains(length) else { return false }
                framing = .length(length)
            case "transfer-encoding":
                framing = .chunked(left: nil)
            default:
                break
            }
        }
        return true
    }
}
