/// The answer to `GET /v1/events`: what was decided about callers and operators, the oldest first.
package struct EventsDocument: Sendable, Equatable, Codable {
    package var formatVersion: Int
    package var events: [AuditEvent]

    /// The latest event's number, for the next `since`.
    package var last: Int

    /// How many events had to make room for later ones since the daemon started.
    package var forgotten: Int

    package init(events: [AuditEvent], last: Int, forgotten: Int) {
        formatVersion = documentFormatVersion
        self.events = events
        self.last = last
        self.forgotten = forgotten
    }
}

/// A decision about a caller or an operator; one that came again in the same way is counted, not repeated.
package struct AuditEvent: Sendable, Equatable, Codable {
    /// Who asked, as the kernel says.
    package struct Caller: Sendable, Equatable, Codable {
        package var uid: UInt32
        package var gid: UInt32

        /// The latest process, when several of the same user and unit asked alike.
        package var pid: Int32

        /// The unit it ran in; a user's own service manager's is `user_unit`.
        package var unit: String?
        package var userUnit: String?

        /// Why its unit could not be told.
        package var unitObstacle: String?

        package init(
            uid: UInt32,
            gid: UInt32,
            pid: Int32,
            unit: String?,
            userUnit: String?,
            unitObstacle: String? = nil
        ) {
            self.uid = uid
            self.gid = gid
            self.pid = pid
            self.unit = unit
            self.userUnit = userUnit
            self.unitObstacle = unitObstacle
        }
    }

    /// Counts the events since the daemon started.
    package var sequence: Int

    /// `fetch`, `watch`, `reject`, `write` (to another's connection) or `command`.
    package var event: String

    /// The operator's command.
    package var command: String?

    /// Who wrote to the caller's connection.
    package var writer: String?

    /// When it happened first and last, in Unix seconds.
    package var at: Int
    package var lastAt: Int

    /// How often.
    package var count: Int

    /// `token` or `admin`.
    package var socket: String
    package var caller: Caller
    package var client: String?
    package var scope: String?
    package var audience: String?
    package var resource: [String]?
    package var allowed: Bool

    /// Why it was allowed or not: `rule`, `default`, `no_rules`, `no_rule_matches`, `unit_unknown`, …
    package var reason: String

    /// The entry of the client's `allow`, counted from 1.
    package var rule: Int?

    /// What came of it: `served`, an error's code, or `hung_up` by a caller that did not wait for it.
    package var outcome: String?

    /// What was behind an outcome that was none of the caller's doing, what is likeliest behind that, and what to do.
    package var cause: String?
    package var likelyCause: String?
    package var remedy: String?

    /// The start of a hash of the token that was handed out.
    package var token: String?

    package init(
        sequence: Int,
        event: String,
        command: String?,
        writer: String? = nil,
        at: Int,
        lastAt: Int,
        count: Int,
        socket: String,
        caller: Caller,
        client: String?,
        scope: String?,
        audience: String?,
        resource: [String]?,
        allowed: Bool,
        reason: String,
        rule: Int?,
        outcome: String?,
        cause: String? = nil,
        likelyCause: String? = nil,
        remedy: String? = nil,
        token: String?
    ) {
        self.sequence = sequence
        self.event = event
        self.command = command
        self.writer = writer
        self.at = at
        self.lastAt = lastAt
        self.count = count
        self.socket = socket
        self.caller = caller
        self.client = client
        self.scope = scope
        self.audience = audience
        self.resource = resource
        self.allowed = allowed
        self.reason = reason
        self.rule = rule
        self.outcome = outcome
        self.cause = cause
        self.likelyCause = likelyCause
        self.remedy = remedy
        self.token = token
    }

    /// The line of a stream, ended by a line feed.
    package var line: [UInt8] { DocumentCoding.encode(self) + [0x0A] }
}
