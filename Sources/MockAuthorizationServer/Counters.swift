/// What a server saw since it was started or reset.
package struct Counters: Sendable, Codable, Equatable {
    /// Connections accepted, those of the control interface left out.
    package var connections = 0

    /// Requests received, by endpoint.
    package var requests: [Endpoint: Int] = [:]

    /// Token requests by what they brought: `issued`, or the error of the refusal.
    package var outcomes: [String: Int] = [:]

    /// Token requests received and not yet answered.
    package var inFlight = 0

    /// The most token requests that were in flight at one time.
    package var maximumInFlight = 0

    /// The same, by client.
    package var clients: [String: ClientCounters] = [:]

    package init() {}

    /// Token requests received.
    package var tokenRequests: Int { requests[.token, default: 0] }

    /// What the server saw of `client`.
    package func client(_ client: String) -> ClientCounters { clients[client] ?? ClientCounters() }
}

/// What a server saw of one client.
package struct ClientCounters: Sendable, Codable, Equatable {
    /// Token requests received.
    package var tokenRequests = 0

    /// Token requests by `grant_type`.
    package var grants: [String: Int] = [:]

    /// Token requests by what they brought: `issued`, or the error of the refusal.
    package var outcomes: [String: Int] = [:]

    /// Token requests received and not yet answered.
    package var inFlight = 0

    /// The most token requests that were in flight at one time.
    package var maximumInFlight = 0

    /// When the first and the latest token request came, in seconds since 1970-01-01 UTC.
    package var firstAt: Double?
    package var lastAt: Double?

    package init() {}
}
