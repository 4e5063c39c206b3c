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

    /// When it was made by the server's own clock, since 1970-01-01 UTC; nil when the server does not say.
    package var date: Duration? { header("Date").flatMap(HTTPDate.read) }

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

    /// How long until the time that the field `name` gives in Unix seconds, at most `maximumRetryAfter`.
    func timeUntil(_ name: String?) -> Duration? {
        guard let text = name.flatMap(header), let date = Int(text.filter { $0 != " " }) else { return nil }
        // A date of today has ten digits; less is a number of seconds, which some write there too.
        let wait = date > Self.firstDate ? .seconds(min(date, Int(Int32.max) * 2)) - serverTime : Duration.seconds(date)
        return min(max(wait, .zero), HTTPAnswer.maximumRetryAfter)
    }

    /// 2001-09-09 as Unix time.
    private static let firstDate = 1_000_000_000

    /// The server's name for the request: the provider's own field, else those in common use; printable and short.
    ///
    /// It is what support asks for, and as random as a token, so that its form decides whether it is shown, and that it
    /// repeats nothing that the server was shown or gave.
    func requestID(_ name: String?, hiding secrets: [String]) -> String? {
        let own = name.flatMap(header).flatMap { $0.isEmpty ? nil : $0 }
        let common = ["x-request-id", "x-correlation-id", "request-id"].lazy.compactMap(header).first { !$0.isEmpty }
        guard let value = own ?? common else { return nil }
        // What a provider documents as its name of requests may be in a form of its own.
        let isName = own == nil ? TokenMask.isUUID(value) : HTTPAnswer.isName(value)
        if isName, !secrets.contains(where: { !$0.isEmpty && ($0.contains(value) || value.contains($0)) }) {
            return value
        }
        return ServerWords.printable(value, hiding: secrets, maximumBytes: HTTPAnswer.maximumRequestID)
    }

    /// Whether `value` is a UUID, or of its letters and no longer; a JWT is, and has dots.
    private static func isName(_ value: String) -> Bool {
        value.utf8.count <= longestName
            && value.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) || "-_".utf8.contains($0)
            }
    }

    /// A UUID's length (RFC 9562 §4).
    private static let longestName = 36

    /// Longer than every identifier in use.
    private static let maximumRequestID = 128

    /// How far the server's clock is ahead of ours, in whole seconds, negative when behind; nil when it does not say.
    ///
    /// `sent` is when the request left. A `Date` is the second in which the answer began (RFC 9110 §6.6.1), so that
    /// less than the time the exchange took, and than one second, is nothing.
    package func clockSkew(sent: Duration) -> Duration? {
        guard let date else { return nil }
        let (earliest, latest) = (date - max(now, sent), date + .seconds(1) - min(now, sent))
        if earliest > .zero { return .seconds(earliest.components.seconds) }
        if latest < .zero { return .seconds(latest.components.seconds) }
        return .zero
    }

    /// Whether its status alone says that the server did not do what was asked.
    var isRefusal: Bool { (400..<500).contains(status) || status == 503 }

    /// The time by the server's own clock, so that its dates are not misread when ours differs.
    var serverTime: Duration {
        date ?? now
    }

    /// Whether its body had no end but the connection's (RFC 9112 §6.3), so that a broken connection cuts it unseen.
    var isEndedByClose: Bool {
        // The last coding is the outermost one, and only chunks say where they end.
        guard let coding = headers.last(where: { $0.name.lowercased() == "transfer-encoding" })?.value else {
            return header("Content-Length") == nil
        }
        return coding.split(separator: ",").last?.filter { $0 != " " && $0 != "\t" }.lowercased() != "chunked"
    }

    /// The media type in lower case and without parameters; nil when none is stated.
    var mediaType: String? {
        header("Content-Type")?.split(separator: ";", omittingEmptySubsequences: false).first
            .map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
    }
}
