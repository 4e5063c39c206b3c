/// An answer as it came off the wire, whole.
package struct HTTPAnswer: Sendable {
    /// The status code.
    package var status: Int

    /// The header fields in their order; names in any case.
    package var headers: [(name: String, value: String)]

    /// The content, its transfer coding undone.
    package var body: [UInt8]

    /// When it came, since 1970-01-01 UTC by our wall clock, for what the server states as a date.
    package var now: Duration

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8], now: Duration) {
        self.status = status
        self.headers = headers
        self.body = body
        self.now = now
    }

    /// The first value of the field `name`, which is compared without regard to case.
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }

    /// An hour, the slowest pace at which we ask by ourselves: no server can silence us for longer.
    package static let maximumRetryAfter = Duration.seconds(3_600)

    /// How long the server asks to be left alone (RFC 9110 §10.2.3), at most `maximumRetryAfter`.
    package var retryAfter: Duration? {
        guard let text = header("Retry-After")?.trimmingPrefix(while: { $0 == " " }), !text.isEmpty else { return nil }
        if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // More digits than Int holds ask for more than the bound as well.
            return Int(text).map { min(.seconds($0), HTTPAnswer.maximumRetryAfter) } ?? HTTPAnswer.maximumRetryAfter
        }
        guard let date = HTTPDate.read(String(text)) else { return nil }
        return min(max(date - serverTime, .zero), HTTPAnswer.maximumRetryAfter)
    }

    /// The time by the server's own clock, so that its dates are not misread when ours differs.
    var serverTime: Duration {
        header("Date").flatMap(HTTPDate.read) ?? now
    }

    /// The media type in lower case and without parameters; nil when none is stated.
    var mediaType: String? {
        header("Content-Type")?.split(separator: ";", omittingEmptySubsequences: false).first
            .map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
    }
}
