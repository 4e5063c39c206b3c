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
        while position < end {
            let byte = bytes[position]
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
}
