import OAuth2

/// What a failure looks like from this side of the wire; what is left out fits everything.
struct Signature: Sendable {
    var grants: Set<Grant>?

    /// The `error`, the provider's own code, or our name for what went wrong; in lower case, `_` for other marks.
    var errors: Set<String>?

    /// Any of these stands in one of the codes; for the words that servers make up where a standard has one.
    var codeContains: [String]?
    var statuses: Set<Int>?

    /// Any of these stands in the server's words; in lower case.
    var words: [String]?

    /// Whether the server said something beside its code.
    var hasWords: Bool?

    /// Whether the answer carries the provider's own name for the request.
    var hasRequestID: Bool?

    /// Whether an assertion went with the request.
    var hasAssertion: Bool?
    var classes: Set<FailureClass>?

    /// A symptom as the rows look at it: every caller that is refused is told its cause, and there are many rows.
    struct Look {
        fileprivate let symptom: Symptom
        fileprivate let codes: Set<String>
        fileprivate let said: String

        /// Whether the error is a name of ours, whose words tell nothing of the server's.
        fileprivate let isOurs: Bool

        init(_ symptom: Symptom) {
            self.symptom = symptom
            codes = Signature.codes(of: symptom.failure)
            said = symptom.failure.serverWords?.lowercased() ?? ""
            let error = symptom.failure.error
            isOurs =
                LocalFault(rawValue: error) != nil || AnswerFault(rawValue: error) != nil
                || TransportFailure(rawValue: error) != nil
        }
    }

    func fits(_ symptom: Symptom) -> Bool { fits(Look(symptom)) }

    func fits(_ look: Look) -> Bool {
        let (failure, codes, said) = (look.symptom.failure, look.codes, look.said)
        if let grants, !(look.symptom.grant.map(grants.contains) ?? true) { return false }
        if let errors, errors.isDisjoint(with: codes) { return false }
        if let codeContains {
            guard !look.isOurs, codeContains.contains(where: { part in codes.contains { $0.contains(part) } }) else {
                return false
            }
        }
        if let statuses, !(failure.serverStatus.map(statuses.contains) ?? false) { return false }
        if let words, said.isEmpty || !words.contains(where: said.contains) { return false }
        if let hasWords, hasWords == said.isEmpty { return false }
        if let hasRequestID, hasRequestID != (failure.requestID != nil) { return false }
        if let hasAssertion, hasAssertion != (failure.assertion != nil) { return false }
        if let classes, !classes.contains(failure.failureClass) { return false }
        return true
    }

    /// Every code of a failure in one spelling, with the numbers that Entra ID repeats in its words.
    private static func codes(of failure: TokenEndpointFailure) -> Set<String> {
        var codes = Set([failure.error, failure.providerCode].compactMap { $0.map(spelled) })
        for part in (failure.serverWords ?? "").lowercased().split(
            separator: entraMark,
            omittingEmptySubsequences: false
        ).dropFirst() {
            let number = part.prefix { $0.isNumber }
            if !number.isEmpty { codes.insert(String(number)) }
        }
        return codes
    }

    /// A code as the rows spell it: some servers write spaces or hyphens.
    static func spelled(_ code: String) -> String {
        let code = String(code.lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
        let number = code.trimmingPrefix(entraMark)
        return number.allSatisfy(\.isNumber) ? String(number) : code
    }

    private static let entraMark = "aadsts"
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
