/// An answer as it came off the wire, whole.
package struct HTTPAnswer: Sendable {
    package var status: Int

    /// The header fields in their order; names in any case.
    package var headers: [(name: String, value: String)]

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
}
