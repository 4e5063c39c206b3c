import LocalAPI

extension StatusDocument {
    /// Whether a server has no good word for a token that it was to be asked about.
    var isDoubtful: Bool { clients.contains { $0.isDoubtful } }
}

extension ClientStatus {
    /// Whether its server has no good word for one of its tokens.
    var isDoubtful: Bool {
        verification?.isDoubtful ?? false || slots.contains { $0.verification?.isDoubtful ?? false }
    }

    /// What the authorization server says, in a word; nil when it was not asked.
    var verified: String? {
        guard let verification else { return nil }
        let tokens = [verification.accessToken, verification.refreshToken].compactMap(\.self)
        if tokens.contains(where: { $0.active == false }) { return "NOT ACTIVE" }
        if tokens.contains(where: \.isDoubtful) { return "unknown" }
        return tokens.contains { $0.active == true } ? "active" : "-"
    }

    /// What an operator should know of the server's answers; with `details`, what it says of good tokens too.
    func verificationNotes(now: Int, details: Bool) -> [String] {
        guard let verification else { return [] }
        let others = slots.filter { $0.verification != nil && $0.verification != verification.accessToken }
        let notes =
            [note("The access token", verification.accessToken, now, details)]
            + others.map { slot in
                slot.verification.flatMap { note("The access token for \(slot.target)", $0, now, details) }
            }
            + [verification.refreshToken.flatMap { note("The refresh token", $0, now, details) }]
        return notes.compactMap(\.self)
    }

    private func note(_ token: String, _ found: TokenVerification, _ now: Int, _ details: Bool) -> String? {
        guard found.active != true else {
            guard details else { return nil }
            let facts = [
                found.scope.map { "scope \($0)" }, found.subject.map { "subject \($0)" },
                found.expiresAt.map { "expires \(StatusTable.relative($0, now))" },
            ]
            .compactMap(\.self)
            return "\(token) is active\(facts.isEmpty ? "" : ": \(facts.joined(separator: ", "))")."
        }
        guard details || found.isDoubtful else { return nil }
        let text = [found.summary, found.remedy].compactMap(\.self).joined(separator: " ")
        return found.active == false ? text : "\(token) was not verified: \(text)"
    }
}

extension SlotStatus {
    /// What its token is for, in words.
    fileprivate var target: String {
        let parts = [
            scope.isEmpty ? nil : "scope \(scope)", audience.map { "audience \($0)" },
            resource.isEmpty ? nil : "resource \(resource.joined(separator: " "))",
        ]
        .compactMap(\.self)
        return parts.isEmpty ? "nothing in particular" : parts.joined(separator: ", ")
    }
}
