import Foundation
import GRDB
import OAuth2

// In the order of `RefreshGrantTable.columns`. GRDB's plain subscripts end the process on a column of another type than
// it should be, which a damaged page can hold.

extension RefreshGrantRow {
    /// Nil when a column holds what is never written.
    init?(_ row: Row) {
        guard let client = String.fromDatabaseValue(row[0]), let lineage = String(blob: row[1]),
            let sequence = Int64.fromDatabaseValue(row[2]), let clientID = String(blob: row[3]),
            let tokenEndpoint = String(blob: row[4]), let firstIssuedAt = Int64.fromDatabaseValue(row[5]),
            let renewedAt = Int64.fromDatabaseValue(row[6]), let isRotating = Int64.fromDatabaseValue(row[8]),
            (0...1).contains(isRotating), let keyID = Data.fromDatabaseValue(row[9]),
            let sealedToken = Data.fromDatabaseValue(row[10])
        else { return nil }
        self.client = client
        self.lineage = lineage
        self.sequence = sequence
        self.clientID = clientID
        self.tokenEndpoint = tokenEndpoint
        self.firstIssuedAt = firstIssuedAt
        self.renewedAt = renewedAt
        statedEnd = Int64.fromDatabaseValue(row[7])
        self.isRotating = isRotating == 1
        self.keyID = keyID
        self.sealedToken = sealedToken
        subject = String(blob: row[25]).map { LoginSubject(id: $0, name: String(blob: row[26])) }
    }
}

extension GrantCondition {
    /// Nil when a column holds what is never written: whether the token may be presented is then not known.
    init?(_ row: Row) {
        guard let name = String.fromDatabaseValue(row[11]).flatMap(GrantStanding.Name.init),
            let standing = GrantStanding(name, refusal: GrantRefusal(row))
        else { return nil }
        self.init(standing)
        if !(row[19] as DatabaseValue).isNull {
            guard let intent = RefreshIntent(row) else { return nil }
            self.intent = intent
        }
        unconfiguredSince = Int64.fromDatabaseValue(row[23]).map(Duration.nanoseconds)
        replacedBy = String(blob: row[24]).map(GrantLineage.init)
    }
}

extension GrantRefusal {
    fileprivate init?(_ row: Row) {
        guard let at = Int64.fromDatabaseValue(row[12]), let error = String(blob: row[13]) else { return nil }
        self.init(
            at: .nanoseconds(at),
            error: error,
            serverWords: String(blob: row[14]),
            serverStatus: Int.fromDatabaseValue(row[15]),
            unanswered: UnansweredAttempts(row)
        )
    }
}

extension UnansweredAttempts {
    fileprivate init?(_ row: Row) {
        guard let count = Int.fromDatabaseValue(row[16]), let since = Int64.fromDatabaseValue(row[17]) else {
            return nil
        }
        self.init(count: count, since: .nanoseconds(since), lastFailure: String(blob: row[18]))
    }
}

extension RefreshIntent {
    fileprivate init?(_ row: Row) {
        guard let sequence = Int64.fromDatabaseValue(row[19]), let attempts = Int.fromDatabaseValue(row[20]),
            let since = Int64.fromDatabaseValue(row[21])
        else { return nil }
        self.init(
            sequence: sequence,
            attempts: attempts,
            since: .nanoseconds(since),
            lastFailure: String(blob: row[22])
        )
    }
}
