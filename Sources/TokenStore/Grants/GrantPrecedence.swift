import GRDB
import OAuth2

/// What is stored of a grant's lineage when the server has renewed it.
struct StoredLineage {
    /// Nil when the column holds something else.
    var sequence: Int64?

    /// Nil when the row cannot be opened: then it is no rival of a token that is at hand.
    var token: Secret?

    /// Nil when the columns hold what is never written.
    var condition: GrantCondition?

    init(sequence: Int64?, token: Secret?, condition: GrantCondition?) {
        self.sequence = sequence
        self.token = token
        self.condition = condition
    }

    /// The row of `id`, as far as it can be read; nil when there is none.
    init?(_ id: GrantID, _ database: Database, _ keys: StateKeys) throws {
        guard let row = try RefreshGrantTable.row(id, database) else { return nil }
        sequence = Int64.fromDatabaseValue(row[2])
        token = try? RefreshGrantRow(row)?.opened(with: keys).refreshToken
        condition = GrantCondition(row)
    }

    /// Whether `grant` is not newer than what is stored, and not the same token renewed.
    func outdates(_ grant: RefreshGrant) -> Bool {
        guard let sequence else { return false }
        if sequence == grant.sequence { return token.map { $0 != grant.refreshToken } ?? false }
        return sequence > grant.sequence
    }
}

extension GrantCommit {
    /// What becomes of a renewed `grant`, by what is stored of its lineage and of its client.
    init(of grant: RefreshGrant, over stored: StoredLineage?, isAnotherHeld: Bool) {
        guard let stored else {
            self = .superseded
            return
        }
        guard !stored.outdates(grant) else {
            self = .outdated
            return
        }
        switch stored.condition?.standing {
        case .replaced, .superseded: self = .superseded
        // What was refused or is from a backup has just been proved good.
        case .held, .refused, .restored, nil: self = isAnotherHeld ? .superseded : .held
        }
    }
}
