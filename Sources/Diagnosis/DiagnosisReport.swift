/// What a diagnosis came to, as it goes over the socket and onto the screen: the verdict first.
package struct DiagnosisReport: Sendable, Equatable, Codable {
    package var formatVersion = 1

    /// Nil for an explanation without a client.
    package var client: String?
    package var provider: String?
    package var grant: String?

    /// The client's identifier at the server, by which its support finds it; nil where none is known.
    package var clientID: String?

    /// The URL that token requests go to, without its query; nil where none is known.
    package var tokenEndpoint: String?

    /// Of the daemon that made it; nil where none did.
    package var daemonVersion: String?

    /// Whether nothing is wrong with the client, as far as can be told.
    package var healthy: Bool

    /// One sentence.
    package var verdict: String

    /// The likeliest first.
    package var causes: [RankedCause]

    /// The names of the leading causes that no probe tells apart; empty when one stands out.
    package var inseparable: [String]
    package var probes: [ProbeRecord]

    /// What was diagnosed, in the server's words; nil when nothing failed.
    package var failure: FailureRecord?

    /// How the client is, when it is healthy.
    package var health: Health?

    /// What else the operator should know: what was left out, and how to have it asked.
    package var notes: [String]

    private enum CodingKeys: String, CodingKey {
        case formatVersion, client, provider, grant, tokenEndpoint, daemonVersion, healthy, verdict, causes
        case inseparable, probes, failure, health, notes
        // As the conversion from snake case spells it.
        case clientID = "clientId"
    }

    package init(
        client: String? = nil,
        provider: String? = nil,
        grant: String? = nil,
        clientID: String? = nil,
        tokenEndpoint: String? = nil,
        daemonVersion: String? = nil,
        healthy: Bool,
        verdict: String,
        causes: [RankedCause] = [],
        inseparable: [String] = [],
        probes: [ProbeRecord] = [],
        failure: FailureRecord? = nil,
        health: Health? = nil,
        notes: [String] = []
    ) {
        self.client = client
        self.provider = provider
        self.grant = grant
        self.clientID = clientID
        self.tokenEndpoint = tokenEndpoint
        self.daemonVersion = daemonVersion
        self.healthy = healthy
        self.verdict = verdict
        self.causes = causes
        self.inseparable = inseparable
        self.probes = probes
        self.failure = failure
        self.health = health
        self.notes = notes
    }
}

/// A cause, and how much speaks for it.
package struct RankedCause: Sendable, Equatable, Codable {
    package var id: String
    package var summary: String
    package var confidence: Confidence

    /// What speaks for it; one sentence each.
    package var evidence: [String]

    /// What speaks against it; nil where nothing does.
    package var against: [String]?
    package var remedy: String

    /// Where the operator sees whether it is so.
    package var lookUp: String?

    package init(
        id: String,
        summary: String,
        confidence: Confidence,
        evidence: [String] = [],
        against: [String]? = nil,
        remedy: String,
        lookUp: String? = nil
    ) {
        self.id = id
        self.summary = summary
        self.confidence = confidence
        self.evidence = evidence
        self.against = against
        self.remedy = remedy
        self.lookUp = lookUp
    }
}

/// How sure a diagnosis is of a cause.
package enum Confidence: String, Sendable, Hashable, Codable, CaseIterable {
    /// Something was found that only this brings about.
    case certain

    /// It stands out from the others.
    case likely

    case possible

    /// More speaks against it than for it.
    case unlikely
}

/// A probe: what it asked, and what that proved.
package struct ProbeRecord: Sendable, Equatable, Codable {
    package var name: String
    package var asked: String
    package var learned: String

    /// When, in Unix seconds; nil for what was not asked.
    package var at: Int?

    /// The server's status, and its name for the request, for its support to find it by.
    package var serverStatus: Int?
    package var requestID: String?

    private enum CodingKeys: String, CodingKey {
        case name, asked, learned, at, serverStatus
        // As the conversion from snake case spells it.
        case requestID = "requestId"
    }

    package init(
        name: String,
        asked: String,
        learned: String,
        at: Int? = nil,
        serverStatus: Int? = nil,
        requestID: String? = nil
    ) {
        self.name = name
        self.asked = asked
        self.learned = learned
        self.at = at
        self.serverStatus = serverStatus
        self.requestID = requestID
    }
}

/// The failure that was diagnosed, without secrets.
package struct FailureRecord: Sendable, Equatable, Codable {
    package var error: String
    package var serverStatus: Int?
    package var serverWords: String?
    package var providerCode: String?
    package var requestID: String?

    /// When, in Unix seconds; nil when that is not known.
    package var at: Int?

    private enum CodingKeys: String, CodingKey {
        case error, serverStatus, serverWords, providerCode, at
        // As the conversion from snake case spells it.
        case requestID = "requestId"
    }

    package init(
        error: String,
        serverStatus: Int? = nil,
        serverWords: String? = nil,
        providerCode: String? = nil,
        requestID: String? = nil,
        at: Int? = nil
    ) {
        self.error = error
        self.serverStatus = serverStatus
        self.serverWords = serverWords
        self.providerCode = providerCode
        self.requestID = requestID
        self.at = at
    }
}

/// How a healthy client's server and token are.
package struct Health: Sendable, Equatable, Codable {
    /// The quickest answer of the token endpoint to a probe; nil when it was not asked.
    package var roundTripMilliseconds: Int?

    /// Seconds that the token has left; nil when there is none, or it does not expire.
    package var expiresIn: Int?
    package var scope: String?

    /// The claims of a token that is a JWT, as far as they are not about a person.
    package var claims: [String: String]

    package init(
        roundTripMilliseconds: Int? = nil,
        expiresIn: Int? = nil,
        scope: String? = nil,
        claims: [String: String] = [:]
    ) {
        self.roundTripMilliseconds = roundTripMilliseconds
        self.expiresIn = expiresIn
        self.scope = scope
        self.claims = claims
    }
}
