/// The version of every document's members; it grows only when a reader of the one before would misread the next.
package let documentFormatVersion = 1

/// What a client or one of its slots is doing.
package enum ClientState: String, Sendable, Hashable, Codable, CaseIterable {
    case idle, fetching, fresh, refreshing, retrying, expired, misconfigured
    case loginRequired = "login_required"
}

/// The answer to `GET /v1/status`; times are Unix seconds.
package struct StatusDocument: Sendable, Equatable, Codable {
    package var formatVersion: Int
    package var version: String
    package var clients: [ClientStatus]
    package var servers: [ServerStatus]
    package var alarms: [AlarmStatus]

    /// What an operator should know of the broker itself, one sentence each with what to do.
    package var warnings: [String]

    package init(
        version: String,
        clients: [ClientStatus],
        servers: [ServerStatus],
        alarms: [AlarmStatus],
        warnings: [String] = []
    ) {
        formatVersion = documentFormatVersion
        self.version = version
        self.clients = clients
        self.servers = servers
        self.alarms = alarms
        self.warnings = warnings
    }
}

/// One client: the worst of its slots in use, then each slot.
package struct ClientStatus: Sendable, Equatable, Codable {
    package var client: String
    package var state: ClientState

    /// Whether a fetch would be answered from the cache now.
    package var serving: Bool

    package var expiresAt: Int?
    package var nextAttemptAt: Int?

    /// When callers notice if the authorization server stays down.
    package var diesAt: Int?

    package var lastError: LastError?
    package var slots: [SlotStatus]

    /// Nil for a client that presents nothing but its own authority.
    package var grant: GrantStatus?

    /// Nil for a client that does not have several secrets.
    package var clientSecret: ClientSecretStatus?

    /// What the authorization server says of its tokens; nil unless it was asked.
    package var verification: ClientVerification?

    package init(
        client: String,
        state: ClientState,
        serving: Bool,
        expiresAt: Int?,
        nextAttemptAt: Int?,
        diesAt: Int?,
        lastError: LastError?,
        slots: [SlotStatus],
        grant: GrantStatus? = nil,
        clientSecret: ClientSecretStatus? = nil,
        verification: ClientVerification? = nil
    ) {
        self.client = client
        self.state = state
        self.serving = serving
        self.expiresAt = expiresAt
        self.nextAttemptAt = nextAttemptAt
        self.diesAt = diesAt
        self.lastError = lastError
        self.slots = slots
        self.grant = grant
        self.clientSecret = clientSecret
        self.verification = verification
    }
}

/// One token slot of a client.
package struct SlotStatus: Sendable, Equatable, Codable {
    package var scope: String
    package var audience: String?
    package var resource: [String]
    package var state: ClientState
    package var serving: Bool
    package var expiresAt: Int?
    package var nextAttemptAt: Int?
    package var diesAt: Int?
    package var lastError: LastError?

    /// What the authorization server says of its token; nil unless it was asked.
    package var verification: TokenVerification?

    package init(
        scope: String,
        audience: String?,
        resource: [String],
        state: ClientState,
        serving: Bool,
        expiresAt: Int?,
        nextAttemptAt: Int?,
        diesAt: Int?,
        lastError: LastError?,
        verification: TokenVerification? = nil
    ) {
        self.scope = scope
        self.audience = audience
        self.resource = resource
        self.state = state
        self.serving = serving
        self.expiresAt = expiresAt
        self.nextAttemptAt = nextAttemptAt
        self.diesAt = diesAt
        self.lastError = lastError
        self.verification = verification
    }
}

/// A failure that stands.
package struct LastError: Sendable, Equatable, Codable {
    /// What callers hear for it.
    package var error: String

    /// The authorization server's own `error`, or a short name for what went wrong.
    package var cause: String

    /// What happened, in one sentence.
    package var summary: String

    package var remedy: String

    /// What is likeliest behind it, as the catalogue of causes names it.
    package var likelyCause: String?
    package var at: Int
    package var serverStatus: Int?
    package var serverWords: String?

    /// What the provider's own code says beyond `cause`.
    package var providerCode: String?

    /// The server's name for the request, for its support to find it by.
    package var requestID: String?

    /// How often the same refresh token had been presented before without an answer.
    package var unansweredAttempts: Int?

    /// When the first of these was about to be sent.
    package var unansweredSince: Int?

    /// The first error of the chain that this one ends, and when it came.
    package var firstError: String?
    package var firstErrorAt: Int?

    private enum CodingKeys: String, CodingKey {
        case error, cause, likelyCause, summary, remedy, at, serverStatus, serverWords, providerCode
        case unansweredAttempts, unansweredSince, firstError, firstErrorAt
        // As the conversion from snake case spells it.
        case requestID = "requestId"
    }

    package init(
        error: String,
        cause: String,
        summary: String,
        remedy: String,
        at: Int,
        serverStatus: Int?,
        serverWords: String?,
        providerCode: String? = nil,
        requestID: String? = nil,
        likelyCause: String? = nil,
        unansweredAttempts: Int? = nil,
        unansweredSince: Int? = nil,
        firstError: String? = nil,
        firstErrorAt: Int? = nil
    ) {
        self.error = error
        self.cause = cause
        self.summary = summary
        self.remedy = remedy
        self.at = at
        self.serverStatus = serverStatus
        self.serverWords = serverWords
        self.providerCode = providerCode
        self.requestID = requestID
        self.likelyCause = likelyCause
        self.unansweredAttempts = unansweredAttempts
        self.unansweredSince = unansweredSince
        self.firstError = firstError
        self.firstErrorAt = firstErrorAt
    }
}

/// One authorization server's budget at work.
package struct ServerStatus: Sendable, Equatable, Codable {
    package var origin: String
    package var inFlight: Int
    package var waiting: Int
    package var failing: Bool

    /// What may be asked of it a second.
    package var requestsPerSecond: Double

    /// What keeping its tokens fresh takes a second.
    package var requestsPerSecondNeeded: Double

    /// How many seconds its clock is ahead of this machine's, negative when behind; nil when it has not said.
    package var clockSkew: Int?

    /// Until when it wants to be left alone.
    package var pausedUntil: Int?

    /// What an operator should know, one sentence each with what to do.
    package var warnings: [String]

    package init(
        origin: String,
        inFlight: Int,
        waiting: Int,
        failing: Bool,
        requestsPerSecond: Double,
        requestsPerSecondNeeded: Double = 0,
        clockSkew: Int? = nil,
        pausedUntil: Int? = nil,
        warnings: [String] = []
    ) {
        self.origin = origin
        self.inFlight = inFlight
        self.waiting = waiting
        self.failing = failing
        self.requestsPerSecond = requestsPerSecond
        self.requestsPerSecondNeeded = requestsPerSecondNeeded
        self.clockSkew = clockSkew
        self.pausedUntil = pausedUntil
        self.warnings = warnings
    }
}

/// Something wrong with the broker itself.
package struct AlarmStatus: Sendable, Equatable, Codable {
    package var alarm: String
    package var message: String
    package var since: Int

    package init(alarm: String, message: String, since: Int) {
        self.alarm = alarm
        self.message = message
        self.since = since
    }
}

/// The answer to `GET /v1/clients/{client}`.
package struct ClientDocument: Sendable, Equatable, Codable {
    package var formatVersion: Int
    package var client: ClientStatus

    package init(client: ClientStatus) {
        formatVersion = documentFormatVersion
        self.client = client
    }
}
