import Foundation
import GRDB
import OAuth2

@testable import TokenStore

/// A grant whose every part is set and depends on `number`.
func makeGrant(
    _ number: Int = 1,
    client: String = "billing",
    lineage: String? = nil,
    sequence: Int64 = 1,
    token: String? = nil,
    isRotating: Bool = true
) -> RefreshGrant {
    RefreshGrant(
        id: grantID(client, lineage ?? "lineage-\(number)"),
        sequence: sequence,
        refreshToken: Secret(token ?? "refresh-\(number)-\(sequence)"),
        clientID: "id-of-\(client)",
        tokenEndpoint: "https://as.example/token",
        firstIssuedAt: moment(number).sinceEpoch,
        renewedAt: moment(number + Int(sequence % 1000)).sinceEpoch,
        statedEnd: moment(number + 100_000).sinceEpoch,
        isRotating: isRotating
    )
}

extension TokenStore {
    /// Forgets what a client of `makeGrant` has.
    func forget(_ client: ClientName) async throws(TokenStoreError) {
        try await forget(client, clientID: "id-of-\(client)", tokenEndpoint: "https://as.example/token")
    }
}

func grantID(_ client: String, _ lineage: String) -> GrantID {
    GrantID(client: clientName(client), lineage: GrantLineage(lineage))
}

/// A refusal whose every part is set.
let refusal = GrantRefusal(
    at: .seconds(1_700_000_500) + .nanoseconds(5),
    error: "invalid_grant",
    serverWords: "Token has been revoked\0.",
    serverStatus: 400,
    unanswered: UnansweredAttempts(count: 3, since: .seconds(1_700_000_400), lastFailure: "time_out")
)

func makeIntent(_ sequence: Int64 = 1, attempts: Int = 1, lastFailure: String? = nil) -> RefreshIntent {
    RefreshIntent(
        sequence: sequence,
        attempts: attempts,
        since: .seconds(1_700_000_300) + .nanoseconds(7),
        lastFailure: lastFailure
    )
}

/// Of a token that is the client's own.
func firstToken(_ token: String, client: String = "billing") -> FirstTokenFingerprint {
    FirstTokenFingerprint(client: clientName(client), token: Secret("\(token) of \(client)"))
}

extension RefreshGrant {
    /// The same grant with its next refresh token.
    func rotated() -> RefreshGrant {
        var next = self
        next.sequence += 1
        next.refreshToken = Secret("\(id.lineage) \(next.sequence)")
        next.renewedAt += .seconds(60)
        return next
    }
}

extension TokenStore {
    /// Stores `grant` as if everything had led to that standing.
    func put(_ grant: RefreshGrant, _ standing: GrantStanding = .held, intent: RefreshIntent? = nil) async throws {
        try await queue.write { database in
            let condition = GrantCondition(standing, intent: intent)
            try RefreshGrantTable.put(try RefreshGrantRow(grant, key: keys.sealing), condition, database)
        }
    }

    /// The lineages of the grants and their standings, of every client.
    var standings: [String: GrantStanding] {
        get throws {
            let stored = try grants().grants
            return Dictionary(uniqueKeysWithValues: stored.map { ($0.grant.id.lineage.value, $0.standing) })
        }
    }

    func grant(_ id: GrantID) throws -> StoredGrant? { try grants().grants.first { $0.grant.id == id } }

    /// As when the disk is full, until `body` is through.
    func withoutRoom(_ body: () async throws -> Void) async throws {
        try await queue.write { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(pages)")
        }
        try await body()
        try await queue.write { _ = try Int.fetchOne($0, sql: "PRAGMA max_page_count = 1000000") }
    }
}
