internal import LocalAPI

/// Looks for the end of a head, each byte once, and refuses what no line may have as soon as it comes.
///
/// A peer that ends its lines otherwise would else wait for its deadline, and what follows a bare CR could be read
/// differently by whoever else looks at it (RFC 9112 §2.2).
struct HeadScanner: Sendable {
    private var position = 0
    private var lineStart = 0
    private var isAfterCR = false

    /// The length of the head with its empty line, nil when there is more to come.
    ///
    /// - Parameter bytes: those of the last call, with more behind them.
    mutating func headEnd(in bytes: WipedBytes) throws(APIError) -> Int? {
        let end = min(bytes.count, RequestParser.maximumHead)
        let held = bytes.storage.span
        var nextWord = position
        while position < end {
            if position >= nextWord, !isAfterCR {
                if Self.isPlain(held, at: bytes.start + position, before: bytes.start + end) {
                    position += Self.wordLength
                    continue
                }
                nextWord = position + Self.wordLength
            }
            let byte = held[bytes.start + position]
            position += 1
            if isAfterCR {
                guard byte == 0x0A else { throw APIError(.invalidRequest, "a line has a CR without its LF") }
                if position - lineStart == 2 { return position }
                isAfterCR = false
                lineStart = position
            } else if byte < 0x20 && byte != 0x09 || byte == 0x7F {
                guard byte == 0x0D else {
                    throw APIError(
                        .invalidRequest,
                        byte == 0x0A ? "a line does not end in CR LF" : "the head has a control character"
                    )
                }
                isAfterCR = true
            }
        }
        guard end < RequestParser.maximumHead else {
            throw APIError(
                .invalidRequest,
                "the request's head has more than \(RequestParser.maximumHead) bytes",
                status: 431
            )
        }
        return nil
    }

    private static let wordLength = 8

    /// Whether the next eight bytes are there and none of them is a control character; most of a head is such words.
    private static func isPlain(_ bytes: Span<UInt8>, at position: Int, before end: Int) -> Bool {
        guard position + wordLength <= end else { return false }
        let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
        let (ones, tops): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        // A byte less than 0x20, or one that is 0x7F, borrows from its top bit.
        let controls = (word &- ones &* 0x20) & ~word
        let deletes = word ^ (ones &* 0x7F)
        return (controls | (deletes &- ones) & ~deletes) & tops == 0
    }
}
