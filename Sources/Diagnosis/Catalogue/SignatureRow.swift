import OAuth2

/// What a failure looks like from this side of the wire; what is left out fits everything.
struct Signature: Sendable {
    var grants: Set<Grant>?

    /// The `error`, the provider's own code, or our name for what went wrong; in lower case.
    var errors: Set<String>?
    var statuses: Set<Int>?

    /// Any of these stands in the server's words; in lower case.
    var words: [String]?

    /// Whether the server said something beside its code.
    var hasWords: Bool?

    /// Whether the answer carries the provider's own name for the request.
    var hasRequestID: Bool?

    func fits(_ symptom: Symptom) -> Bool {
        let failure = symptom.failure
        if let grants, !(symptom.grant.map(grants.contains) ?? true) { return false }
        let codes = [failure.error, failure.providerCode].compactMap { $0?.lowercased() }
        if let errors, errors.isDisjoint(with: codes) { return false }
        if let statuses, !(failure.serverStatus.map(statuses.contains) ?? false) { return false }
        let said = failure.serverWords?.lowercased() ?? ""
        if let words, !words.contains(where: said.contains) { return false }
        if let hasWords, hasWords == said.isEmpty { return false }
        if let hasRequestID, hasRequestID != (failure.requestID != nil) { return false }
        return true
    }
}

/// What may be behind failures of one look, the likeliest first.
struct SignatureRow: Sendable {
    let signature: Signature

    /// Each with its points before anything else is known.
    let causes: [(id: CauseID, points: Int)]

    init(_ signature: Signature, _ causes: [(CauseID, Int)]) {
        self.signature = signature
        self.causes = causes.map { (id: $0.0, points: $0.1) }
    }
}
