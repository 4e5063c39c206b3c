import OAuth2

/// Metadata of authorization servers, each asked for once at a time.
actor MetadataCache {
    typealias Outcome = Result<AuthorizationServerMetadata, TokenEndpointFailure>

    /// Whose metadata, and by whose word.
    struct Key: Hashable, Sendable {
        var issuer: EndpointURL
        var trust: ServerTrust
    }

    /// An hour: endpoints move in years, and a move that is announced is found the same day.
    static let maximumAge = Duration.seconds(3_600)

    /// A day: while the server does not say otherwise, its endpoints are believed to be where they were.
    static let maximumAgeInOutage = Duration.seconds(86_400)

    /// A thousand issuers; beyond it the oldest are asked again.
    static let capacity = 1_024

    private struct Entry {
        let metadata: AuthorizationServerMetadata
        let at: Duration
    }

    private var entries: [Key: Entry] = [:]
    private var underWay: [Key: Task<Outcome, Never>] = [:]

    /// What is cached for `key`, else what `fetch` brings, for all who ask meanwhile; a failure is not kept.
    func metadata(_ key: Key, now: Duration, fetch: @escaping @Sendable () async -> Outcome) async -> Outcome {
        let cached = entries[key]
        if let cached, now < cached.at + MetadataCache.maximumAge { return .success(cached.metadata) }
        let outcome: Outcome
        if let task = underWay[key] {
            outcome = await task.value
        } else {
            let task = Task { await fetch() }
            underWay[key] = task
            outcome = await task.value
            underWay[key] = nil
            if case .success(let metadata) = outcome { keep(metadata, key, at: now) }
        }
        if case .failure(let failure) = outcome, failure.failureClass == .transient, let cached,
            now < cached.at + MetadataCache.maximumAgeInOutage
        {
            return .success(cached.metadata)
        }
        return outcome
    }

    private func keep(_ metadata: AuthorizationServerMetadata, _ key: Key, at now: Duration) {
        entries[key] = Entry(metadata: metadata, at: now)
        if entries.count > MetadataCache.capacity, let oldest = entries.min(by: { $0.value.at < $1.value.at })?.key {
            entries[oldest] = nil
        }
    }
}
