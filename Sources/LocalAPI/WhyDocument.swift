/// The answer to `GET /v1/why`: which rule lets a process use a client, or why none does.
package struct WhyDocument: Sendable, Equatable, Codable {
    /// The process as the daemon sees it.
    package struct Process: Sendable, Equatable, Codable {
        package var pid: Int32

        /// Its effective user, group and supplementary groups, as they count when it connects.
        package var uid: UInt32
        package var gid: UInt32
        package var groups: [UInt32]

        /// The unit it runs in; a user's own service manager's is `user_unit`.
        package var unit: String?
        package var userUnit: String?

        /// Why its unit cannot be told.
        package var unitObstacle: String?

        package init(
            pid: Int32,
            uid: UInt32,
            gid: UInt32,
            groups: [UInt32],
            unit: String?,
            userUnit: String?,
            unitObstacle: String?
        ) {
            self.pid = pid
            self.uid = uid
            self.gid = gid
            self.groups = groups
            self.unit = unit
            self.userUnit = userUnit
            self.unitObstacle = unitObstacle
        }
    }

    /// An entry of the client's `allow`, and how the process stands to it.
    package struct Rule: Sendable, Equatable, Codable {
        /// Counted from 1.
        package var rule: Int

        /// As it would be written in the configuration.
        package var text: String
        package var fits: Bool

        /// What of it does not hold; nothing when it fits.
        package var because: String?

        package init(rule: Int, text: String, fits: Bool, because: String?) {
            self.rule = rule
            self.text = text
            self.fits = fits
            self.because = because
        }
    }

    package var formatVersion: Int
    package var client: String
    package var allowed: Bool

    /// `rule`, `default`, `no_rules`, `no_rule_matches`, `unit_unknown` or `recycled_number`, as in the events.
    package var reason: String

    /// The rule that allows, counted from 1.
    package var rule: Int?

    /// One sentence for people.
    package var summary: String
    package var process: Process
    package var rules: [Rule]

    package init(
        client: String,
        allowed: Bool,
        reason: String,
        rule: Int?,
        summary: String,
        process: Process,
        rules: [Rule]
    ) {
        formatVersion = documentFormatVersion
        self.client = client
        self.allowed = allowed
        self.reason = reason
        self.rule = rule
        self.summary = summary
        self.process = process
        self.rules = rules
    }
}
