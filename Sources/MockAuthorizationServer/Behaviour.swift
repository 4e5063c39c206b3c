/// How the server answers instead of, or besides, doing it right.
///
/// As JSON the members have these names in snake case, durations are `"250ms"`, `"2s"`, `"5m"`, `"1h"` or seconds, and
/// every member may be left out.
package struct Behaviour: Sendable, Equatable {
    /// Waits for `release` before it goes on; until then nothing is answered.
    package var hold = false

    /// Waits this long before it answers.
    package var delay = Duration.zero

    /// What the connection does to the answer.
    package var fault: ConnectionFault?

    /// Answers with this status; without `body` or `error` the body stays what it would have been.
    package var status: Int?

    /// Answers with these bytes, whatever was asked.
    package var body: String?

    /// Answers with this many bytes, for limits on the size of answers.
    package var bodySize: Int?

    /// The Content-Type in place of `application/json`; empty sends none.
    package var contentType: String?

    /// Header fields to add.
    package var headers: [String: String] = [:]

    /// The Retry-After header, in seconds or as a date.
    package var retryAfter: String?

    /// Refuses with this `error` of RFC 6749 §5.2; the status is 400 unless `status` says another.
    package var error: String?

    /// The `error_description` beside `error`.
    package var errorDescription: String?

    /// Does what was asked all the same when `error`, `body` or `bodySize` replaces the answer: a gateway that loses it.
    package var actsFirst = false

    /// Members of the JSON answer to put in place of the true ones, `expires_in` for example.
    package var members: [String: JSONValue] = [:]

    /// Members of the JSON answer to leave out.
    package var omit: [String] = []

    /// The lifetime of the access token in place of the configured one.
    package var lifetime: Duration?

    /// Gives the client's newest access token of that scope once more, if it is still valid.
    package var sameToken = false

    package init() {}

    /// Whether nothing of the true answer is left.
    var replacesAnswer: Bool { error != nil || body != nil || bodySize != nil }

    /// Answers as it should.
    package static let normal = Behaviour()

    /// Holds the request until it is released.
    package static let held: Behaviour = {
        var behaviour = Behaviour()
        behaviour.hold = true
        return behaviour
    }()

    /// Refuses with an `error` of RFC 6749 §5.2.
    package static func error(
        _ error: String,
        description: String? = nil,
        status: Int = 400,
        retryAfter: String? = nil
    ) -> Behaviour {
        var behaviour = Behaviour()
        behaviour.error = error
        behaviour.errorDescription = description
        behaviour.status = status
        behaviour.retryAfter = retryAfter
        return behaviour
    }

    /// Answers with these bytes.
    package static func answer(
        status: Int,
        body: String,
        contentType: String = "application/json",
        headers: [String: String] = [:]
    ) -> Behaviour {
        var behaviour = Behaviour()
        behaviour.status = status
        behaviour.body = body
        behaviour.contentType = contentType
        behaviour.headers = headers
        return behaviour
    }

    /// Answers as a gateway does whose server failed; when it `actsFirst`, the server did what was asked.
    package static func badGateway(actsFirst: Bool) -> Behaviour {
        var behaviour = Behaviour.answer(
            status: 502,
            body: "<html><body>502 Bad Gateway</body></html>",
            contentType: "text/html"
        )
        behaviour.actsFirst = actsFirst
        return behaviour
    }

    /// Does this to the connection.
    package static func fault(_ fault: ConnectionFault) -> Behaviour {
        var behaviour = Behaviour()
        behaviour.fault = fault
        return behaviour
    }

    /// Grants tokens of this lifetime.
    package static func lifetime(_ lifetime: Duration) -> Behaviour {
        var behaviour = Behaviour()
        behaviour.lifetime = lifetime
        return behaviour
    }
}

/// What the connection does to an answer.
package enum ConnectionFault: String, Sendable, Codable, CaseIterable {
    /// Closes before the answer; the request was received and acted upon.
    case dropBeforeAnswer = "drop_before_answer"

    /// Closes after the head and half of the body.
    case dropMidAnswer = "drop_mid_answer"

    /// Sends half of the head and nothing more, until the client ends the connection.
    case stallMidHead = "stall_mid_head"

    /// Sends the head and half of the body and nothing more, until the client ends the connection.
    case stallMidAnswer = "stall_mid_answer"

    /// Resets (RST) before the answer.
    case reset

    /// Resets (RST) after the head and half of the body.
    case resetMidAnswer = "reset_mid_answer"

    /// States half of the body's length, sends all of it, and closes.
    case understated

    /// Answers whole, as if the connection stayed open, and closes it then.
    case closeAfterAnswer = "close_after_answer"

    /// Answers without Content-Length; the end of the connection ends the body (RFC 9112 §6.3).
    case unsized

    /// Sends the answer a byte a time, ten bytes a second.
    case trickle

    /// Sends something that is not HTTP, and closes.
    case notHTTP = "not_http"
}
