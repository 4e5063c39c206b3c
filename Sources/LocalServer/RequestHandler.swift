package import LocalAPI

/// What answers requests; called on the server's thread, so it must not block.
package struct RequestHandler: Sendable {
    /// Writes the answer, or sends it through the responder, at once or later, once.
    package let handle: @Sendable (HTTPRequest, Caller, Responder, _ answer: inout AnswerBuffer) -> Reply

    /// The connection is gone; what was to be answered on it has no reader.
    package let connectionClosed: @Sendable (ConnectionID) -> Void

    /// Another process than the caller wrote to its connection, or descriptors were passed along, which names nobody;
    /// the connection ends. At most once a connection.
    package let writerDiffered: @Sendable (Caller, _ writer: PeerWriter?) -> Void

    package init(
        handle: @escaping @Sendable (HTTPRequest, Caller, Responder, _ answer: inout AnswerBuffer) -> Reply,
        connectionClosed: @escaping @Sendable (ConnectionID) -> Void,
        writerDiffered: @escaping @Sendable (Caller, _ writer: PeerWriter?) -> Void = { _, _ in }
    ) {
        self.handle = handle
        self.connectionClosed = connectionClosed
        self.writerDiffered = writerDiffered
    }
}

/// How a request is answered.
package enum Reply {
    /// Through the responder, be it that it was told already.
    case later

    /// The answer was written; the same request of the same process may be answered by `again`.
    case written(again: RepeatedAnswer)
}

/// Writes the answer to a request that a process repeats byte for byte, on this connection or a moment later on another;
/// false when the request must be handled anew. The server looked at the clock, CLOCK_BOOTTIME, at `now`.
package typealias RepeatedAnswer = @Sendable (Caller, _ now: Duration, _ answer: inout AnswerBuffer) -> Bool
