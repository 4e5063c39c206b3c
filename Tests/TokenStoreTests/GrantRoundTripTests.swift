import Foundation
import OAuth2
import Testing

@testable import TokenStore

struct GrantRoundTripTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// What a store that was closed and opened again has.
    private func reopened(_ store: TokenStore) throws -> StoredGrants {
        try store.close()
        return try directory.open(keys).grants()
    }

    @Test(arguments: RoundTripTests.hostileTexts)
    func `A grant comes back as it was taken up, whatever its texts`(text: String) async throws {
        var grant = makeGrant(lineage: text, token: text)
        grant.clientID = text
        grant.tokenEndpoint = text
        let store = try directory.open(keys)
        try await store.takeUp(grant, firstToken: nil, droppingTokens: false)
        let intent = makeIntent(attempts: 2, lastFailure: text)
        try await store.begin(intent, of: grant.id)
        let found = try reopened(store)
        let expected = [StoredGrant(grant: grant, standing: .held, intent: intent)]
        #expect(found == StoredGrants(grants: expected, unreadable: []))
        // Swift compares texts by their meaning; what is sent to a server has to be the same bytes.
        let restored = try #require(found.grants.first).grant
        #expect(restored.refreshToken.exposedBytes() == Array(text.utf8))
        #expect(Array(restored.clientID.utf8) == Array(text.utf8))
        #expect(Array(restored.id.lineage.value.utf8) == Array(text.utf8))
    }

    @Test(arguments: RoundTripTests.hostileTexts)
    func `A refusal comes back as it was, whatever its texts`(text: String) async throws {
        let store = try directory.open(keys)
        try await store.takeUp(makeGrant(), firstToken: nil, droppingTokens: false)
        var refusal = refusal
        refusal.error = text
        refusal.serverWords = text
        refusal.unanswered?.lastFailure = text
        try await store.setStanding(.refused(refusal), of: makeGrant().id)
        #expect(try reopened(store).grants == [StoredGrant(grant: makeGrant(), standing: .refused(refusal))])
    }

    @Test(arguments: [GrantStanding.held, .restored, .replaced, .superseded, .refused(refusal)])
    func `Every standing comes back, and closes the intent`(standing: GrantStanding) async throws {
        let store = try directory.open(keys)
        try await store.takeUp(makeGrant(), firstToken: nil, droppingTokens: false)
        try await store.begin(makeIntent(), of: makeGrant().id)
        try await store.setStanding(standing, of: makeGrant().id)
        #expect(try reopened(store).grants == [StoredGrant(grant: makeGrant(), standing: standing)])
    }

    @Test func `What is lacking is lacking when it comes back`() async throws {
        let store = try directory.open(keys)
        var grant = makeGrant(isRotating: false)
        grant.statedEnd = nil
        grant.refreshToken = Secret(bytes: [0xFF, 0, 0xFE])
        try await store.takeUp(grant, firstToken: nil, droppingTokens: false)
        try await store.begin(makeIntent(), of: grant.id)
        #expect(try store.grants().grants == [StoredGrant(grant: grant, intent: makeIntent())])
        try await store.endIntent(of: grant.id)
        #expect(try store.grants().grants == [StoredGrant(grant: grant)])
        var refusal = GrantRefusal(at: .zero, error: "")
        for unanswered in [nil, UnansweredAttempts(count: 1, since: .seconds(-1))] {
            refusal.unanswered = unanswered
            try await store.setStanding(.refused(refusal), of: grant.id)
            #expect(try store.grants().grants == [StoredGrant(grant: grant, standing: .refused(refusal))])
        }
        #expect(try reopened(store).grants == [StoredGrant(grant: grant, standing: .refused(refusal))])
    }

    @Test func `Numbers at their ends come back`() async throws {
        var grant = makeGrant(sequence: .max)
        grant.firstIssuedAt = .nanoseconds(Int64.min)
        grant.renewedAt = .nanoseconds(Int64.max)
        let store = try directory.open(keys)
        try await store.takeUp(grant, firstToken: nil, droppingTokens: false)
        let intent = RefreshIntent(sequence: .max, attempts: .max, since: .nanoseconds(Int64.min))
        try await store.begin(intent, of: grant.id)
        #expect(try reopened(store).grants == [StoredGrant(grant: grant, intent: intent)])
    }

    @Test func `Since when a grant is not configured is kept from the first time on`() async throws {
        let store = try directory.open(keys)
        let grants = (1...3).map { makeGrant($0, client: "c\($0)") }
        for grant in grants { try await store.takeUp(grant, firstToken: nil, droppingTokens: false) }
        try await store.setUnconfigured([grants[0].id, grants[1].id], since: .seconds(100))
        try await store.setUnconfigured([grants[0].id, grants[2].id], since: .seconds(200))
        #expect(try store.grants().grants.map(\.unconfiguredSince) == [.seconds(100), .seconds(100), .seconds(200)])
        try await store.setUnconfigured([grants[1].id], since: nil)
        #expect(try store.grants().grants.map(\.unconfiguredSince) == [.seconds(100), nil, .seconds(200)])
        #expect(try await store.removeGrants(unconfiguredBefore: .seconds(100)) == 0)
        #expect(try await store.removeGrants(unconfiguredBefore: .seconds(150)) == 1)
        #expect(try store.grants().grants.map(\.grant) == [grants[1], grants[2]])
        try await store.setUnconfigured([grants[2].id], since: nil)
        #expect(try await store.removeGrants(unconfiguredBefore: .seconds(10_000)) == 0)
    }

    @Test func `A removal takes one grant, forgetting all of a client and its tokens, not its takeovers`() async throws
    {
        let store = try directory.open(keys)
        for client in ["billing", "shipping"] {
            try await store.save(makeToken(client: client))
            try await store.put(makeGrant(1, client: client), .refused(refusal))
            try await store.put(makeGrant(2, client: client), .superseded)
            let first = firstToken("first", client: client)
            try await store.takeUp(makeGrant(3, client: client), firstToken: first, droppingTokens: false)
        }
        try await store.removeGrant(makeGrant(2, client: "shipping").id)
        try await store.removeGrant(makeGrant(9, client: "shipping").id)
        try await store.forget(clientName("billing"))
        let left = [makeGrant(1, client: "shipping"), makeGrant(3, client: "shipping")]
        #expect(try store.grants().grants.map(\.grant) == left)
        #expect(try store.tokens().tokens == [makeToken(client: "shipping")])
        #expect(store.wasTakenOver(firstToken("first")))
    }

    @Test func `A grant that the first version with grants stored still opens`() throws {
        try directory.open(keys).close()
        try directory.tamper(FirstVersionOfGrants.row)
        var grant = StoredGrant(grant: makeGrant(sequence: 4), standing: .refused(refusal))
        grant.grant.clientID = "id-1"
        grant.grant.tokenEndpoint = "https://as.example/token/1"
        grant.intent = makeIntent(4, attempts: 2, lastFailure: "time_out")
        grant.unconfiguredSince = .seconds(1_700_000_900)
        #expect(try directory.open(keys).grants() == StoredGrants(grants: [grant], unreadable: []))
    }

    @Test func `A database without grants is taken on as it is`() async throws {
        let store = try directory.open(keys)
        try await store.save(makeToken())
        try store.close()
        try directory.tamper(
            """
            DROP TABLE refresh_grant; DROP TABLE first_token;
            DELETE FROM grdb_migrations WHERE identifier <> 'access tokens'
            """
        )
        let upgraded = try directory.open(keys)
        #expect(upgraded.salvage == nil)
        #expect(try upgraded.tokens().tokens == [makeToken()])
        try await upgraded.takeUp(makeGrant(), firstToken: nil, droppingTokens: false)
        #expect(try upgraded.grants().grants == [StoredGrant(grant: makeGrant())])
    }
}

/// What the first version that keeps grants wrote for `makeGrant(sequence: 4)` under `keys`, and nothing in later columns.
private enum FirstVersionOfGrants {
    static let row = """
        INSERT INTO refresh_grant VALUES (
            1, 'billing', X'6C696E656167652D31', 4, X'69642D31',
            X'68747470733A2F2F61732E6578616D706C652F746F6B656E2F31', 1700000001987654321, 1700000005987654321,
            1700100001987654321, 1, X'69AA9590EC211A39',
            X'798904C92D8F708DFD3CDF6CC27EFB0B7F39E2257281F3920C14D226340F220B1556D44CC50052',
            'refused', 1700000500000000005, X'696E76616C69645F6772616E74',
            X'546F6B656E20686173206265656E207265766F6B6564002E', 400, 3, 1700000400000000000, X'74696D655F6F7574',
            4, 2, 1700000300000000007, X'74696D655F6F7574', 1700000900000000000, X'6C696E656167652D39', NULL, NULL)
        """
}
