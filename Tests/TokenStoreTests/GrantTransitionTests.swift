import Foundation
import GRDB
import OAuth2
import Testing

@testable import TokenStore

struct GrantTransitionTests {
    let directory: TemporaryDirectory
    let store: TokenStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try directory.open(keys)
    }

    /// What is stored, what the server granted, and what becomes of it.
    struct Case: Sendable, CustomTestStringConvertible {
        /// Of the lineage; nil when there is no row.
        var stored: GrantStanding?
        /// Beside it, of the same client.
        var isAnotherHeld = false
        var sequence: Int64 = 5
        var hasSameToken = false
        var outcome: GrantCommit

        var testDescription: String {
            "\(stored?.name.rawValue ?? "none")\(isAnotherHeld ? " beside a held one" : ""), "
                + "5 then \(sequence)\(hasSameToken ? " with the same token" : "") is \(outcome)"
        }
    }

    static let commits: [Case] = [
        Case(stored: .held, sequence: 6, outcome: .held),
        Case(stored: .held, sequence: 9, outcome: .held),
        Case(stored: .held, sequence: 5, hasSameToken: true, outcome: .held),
        Case(stored: .held, sequence: 5, outcome: .outdated),
        Case(stored: .held, sequence: 4, outcome: .outdated),
        Case(stored: .held, sequence: 4, hasSameToken: true, outcome: .outdated),
        Case(stored: .refused(refusal), sequence: 6, outcome: .held),
        Case(stored: .refused(refusal), sequence: 5, hasSameToken: true, outcome: .held),
        Case(stored: .refused(refusal), sequence: 4, outcome: .outdated),
        Case(stored: .refused(refusal), isAnotherHeld: true, sequence: 6, outcome: .superseded),
        Case(stored: .restored, sequence: 6, outcome: .held),
        Case(stored: .restored, sequence: 5, outcome: .outdated),
        Case(stored: .restored, isAnotherHeld: true, sequence: 6, outcome: .superseded),
        Case(stored: .replaced, isAnotherHeld: true, sequence: 6, outcome: .superseded),
        Case(stored: .replaced, isAnotherHeld: true, sequence: 5, hasSameToken: true, outcome: .superseded),
        Case(stored: .replaced, isAnotherHeld: true, sequence: 5, outcome: .outdated),
        Case(stored: .replaced, sequence: 6, outcome: .superseded),
        Case(stored: .superseded, isAnotherHeld: true, sequence: 6, outcome: .superseded),
        Case(stored: .superseded, sequence: 6, outcome: .superseded),
        Case(stored: .superseded, sequence: 4, outcome: .outdated),
        Case(stored: nil, isAnotherHeld: true, outcome: .superseded),
        Case(stored: nil, outcome: .superseded),
    ]

    @Test(arguments: commits)
    func `What the server granted is kept by what is stored`(_ example: Case) async throws {
        let stored = makeGrant(1, sequence: 5)
        var granted = makeGrant(1, sequence: example.sequence, token: "granted")
        if example.hasSameToken { granted.refreshToken = stored.refreshToken }
        let (another, third) = (makeGrant(2), makeGrant(3))
        try await store.put(third, .replaced)
        if example.isAnotherHeld { try await store.put(another, .held) }
        if let standing = example.stored { try await store.put(stored, standing, intent: makeIntent(5)) }
        try await store.save(makeToken(1))
        let before = try store.grants()

        #expect(try await store.commit(granted, token: makeToken(2)) == example.outcome)

        if example.outcome == .outdated {
            #expect(try store.grants() == before)
        } else {
            let standing: GrantStanding = example.outcome == .held ? .held : .superseded
            #expect(try store.grant(granted.id) == StoredGrant(grant: granted, standing: standing))
        }
        #expect(try store.grant(another.id)?.standing == (example.isAnotherHeld ? .held : nil))
        #expect(try store.grant(third.id)?.standing == (example.outcome == .held ? nil : .replaced))
        #expect(try store.tokens().tokens == [makeToken(example.outcome == .held ? 2 : 1)])
    }

    @Test func `What was granted without an access token leaves the one that is stored`() async throws {
        try await store.takeUp(makeGrant(), firstToken: nil, droppingTokens: false)
        try await store.save(makeToken())
        #expect(try await store.commit(makeGrant().rotated(), token: nil) == .held)
        #expect(try store.tokens().tokens == [makeToken()])
    }

    @Test func `A renewed grant that is not configured stays so`() async throws {
        try await store.takeUp(makeGrant(), firstToken: nil, droppingTokens: false)
        try await store.setUnconfigured([makeGrant().id], since: .seconds(9))
        #expect(try await store.commit(makeGrant().rotated(), token: nil) == .held)
        #expect(try store.grant(makeGrant().id)?.unconfiguredSince == .seconds(9))
    }

    @Test func `A row that cannot be opened is no rival of the token at hand`() async throws {
        try await store.put(makeGrant(sequence: 5))
        try await store.queue.write { try $0.execute(sql: "UPDATE refresh_grant SET sealed_token = x'00'") }
        let granted = makeGrant(sequence: 5, token: "granted")
        #expect(try await store.commit(granted, token: nil) == .held)
        #expect(try store.grants() == StoredGrants(grants: [StoredGrant(grant: granted)], unreadable: []))
    }

    @Test(arguments: [GrantStanding.held, .refused(refusal), .restored, .replaced, .superseded])
    func `A new grant replaces the held one and leaves the others as they are`(standing: GrantStanding) async throws {
        try await store.put(makeGrant(1), standing, intent: makeIntent())
        try await store.save(makeToken())
        try await store.takeUp(makeGrant(2), firstToken: nil, droppingTokens: false)
        let kept = StoredGrant(
            grant: makeGrant(1),
            standing: standing == .held ? .replaced : standing,
            intent: makeIntent()
        )
        #expect(try store.grants().grants == [kept, StoredGrant(grant: makeGrant(2))])
        #expect(try store.tokens().tokens == [makeToken()])
    }

    @Test func `A new grant takes its own client's tokens away when it is to`() async throws {
        let others = [makeGrant(1, client: "shipping")]
        try await store.put(others[0])
        for client in ["billing", "shipping"] { try await store.save(makeToken(client: client)) }
        try await store.takeUp(makeGrant(2), firstToken: nil, droppingTokens: true)
        #expect(try store.tokens().tokens == [makeToken(client: "shipping")])
        #expect(try store.standings == ["lineage-1": .held, "lineage-2": .held])
    }

    @Test func `A grant can be taken up again, but not over a newer token of its own`() async throws {
        try await store.takeUp(makeGrant(sequence: 3), firstToken: nil, droppingTokens: false)
        try await store.begin(makeIntent(3), of: makeGrant().id)
        try await store.takeUp(makeGrant(sequence: 3), firstToken: nil, droppingTokens: false)
        let expected = StoredGrants(
            grants: [StoredGrant(grant: makeGrant(sequence: 3), intent: makeIntent(3))],
            unreadable: []
        )
        #expect(try store.grants() == expected)
        for grant in [makeGrant(sequence: 2), makeGrant(sequence: 3, token: "other")] {
            let error = await #expect(throws: TokenStoreError.self) {
                try await store.takeUp(grant, firstToken: firstToken("first"), droppingTokens: true)
            }
            #expect(error?.description.hasSuffix("it holds a newer refresh token of this lineage") == true)
        }
        #expect(try store.grants() == expected)
        #expect(!store.wasTakenOver(firstToken("first")))
    }

    @Test(arguments: [GrantStanding.held, .refused(refusal), .restored, .replaced, .superseded])
    func `A token is presented only while it is the stored one and no other is held`(
        standing: GrantStanding
    ) async throws {
        try await store.put(makeGrant(sequence: 5), standing)
        for intent in [makeIntent(4), makeIntent(6)] {
            await #expect(throws: TokenStoreError.self) { try await store.begin(intent, of: makeGrant().id) }
        }
        await #expect(throws: TokenStoreError.self) { try await store.begin(makeIntent(5), of: makeGrant(2).id) }
        #expect(try store.grant(makeGrant().id)?.intent == nil)
        if [.replaced, .superseded].contains(standing) {
            await #expect(throws: TokenStoreError.self) { try await store.begin(makeIntent(5), of: makeGrant().id) }
            #expect(try store.grant(makeGrant().id)?.intent == nil)
        } else {
            try await store.begin(makeIntent(5), of: makeGrant().id)
            try await store.begin(makeIntent(5, attempts: 2, lastFailure: "reset"), of: makeGrant().id)
            let expected = makeIntent(5, attempts: 2, lastFailure: "reset")
            #expect(try store.grant(makeGrant().id)?.intent == expected)
        }
    }

    @Test func `An intent is written even when it is stored already`() async throws {
        try await store.put(makeGrant())
        try await store.begin(makeIntent(), of: makeGrant().id)
        let size = try directory.bytes("-wal").count
        try await store.begin(makeIntent(), of: makeGrant().id)
        #expect(try directory.bytes("-wal").count > size)
        #expect(try store.grant(makeGrant().id)?.intent == makeIntent())
    }

    @Test func `A refusal gives its place back to the grant that had it, one after the other`() async throws {
        for number in 1...3 { try await store.takeUp(makeGrant(number), firstToken: nil, droppingTokens: false) }
        try await store.begin(makeIntent(), of: makeGrant(3).id)
        #expect(try await store.refuse(makeGrant(3).id, refusal) == makeGrant(2).id)
        let refused = GrantStanding.refused(refusal)
        #expect(try store.standings == ["lineage-1": .replaced, "lineage-2": .held, "lineage-3": refused])
        #expect(try store.grant(makeGrant(3).id)?.intent == nil)
        #expect(try await store.refuse(makeGrant(2).id, refusal) == makeGrant(1).id)
        #expect(try await store.refuse(makeGrant(1).id, refusal) == nil)
        #expect(try store.standings == ["lineage-1": refused, "lineage-2": refused, "lineage-3": refused])
    }

    @Test func `A grant that is held again still has its open intent`() async throws {
        try await store.takeUp(makeGrant(1), firstToken: nil, droppingTokens: false)
        try await store.begin(makeIntent(), of: makeGrant(1).id)
        try await store.takeUp(makeGrant(2), firstToken: nil, droppingTokens: false)
        #expect(try await store.refuse(makeGrant(2).id, refusal) == makeGrant(1).id)
        #expect(try store.grant(makeGrant(1).id) == StoredGrant(grant: makeGrant(1), intent: makeIntent()))
    }

    @Test(arguments: [true, false])
    func `A replaced grant that goes passes on whom it had replaced`(isRefused: Bool) async throws {
        for number in 1...3 { try await store.takeUp(makeGrant(number), firstToken: nil, droppingTokens: false) }
        if isRefused {
            #expect(try await store.refuse(makeGrant(2).id, refusal) == nil)
        } else {
            try await store.removeGrant(makeGrant(2).id)
        }
        #expect(try store.standings["lineage-3"] == .held)
        #expect(try await store.refuse(makeGrant(3).id, refusal) == makeGrant(1).id)
    }

    @Test func `A refusal brings back no grant whose place another had taken`() async throws {
        try await store.takeUp(makeGrant(1), firstToken: nil, droppingTokens: false)
        try await store.takeUp(makeGrant(2), firstToken: nil, droppingTokens: false)
        try await store.removeGrant(makeGrant(2).id)
        try await store.takeUp(makeGrant(3), firstToken: nil, droppingTokens: false)
        #expect(try await store.refuse(makeGrant(3).id, refusal) == nil)
        #expect(try store.standings == ["lineage-1": .replaced, "lineage-3": .refused(refusal)])
        #expect(try await store.refuse(makeGrant(9).id, refusal) == nil)
    }

    @Test func `Only one grant of a client is held`() async throws {
        try await store.put(makeGrant(1))
        try await store.put(makeGrant(2), .restored)
        let error = await #expect(throws: TokenStoreError.self) {
            try await store.setStanding(.held, of: makeGrant(2).id)
        }
        #expect(error?.description.hasSuffix("it holds another grant for billing") == true)
        #expect(try store.standings == ["lineage-1": .held, "lineage-2": .restored])
        try await store.setStanding(.refused(refusal), of: makeGrant(1).id)
        try await store.setStanding(.held, of: makeGrant(2).id)
        try await store.setStanding(.held, of: makeGrant(2).id)
        #expect(try store.standings == ["lineage-1": .refused(refusal), "lineage-2": .held])
    }

    @Test func `A grant of another client_id, or from elsewhere, is nobody's rival`() async throws {
        var renamed = makeGrant(2)
        renamed.clientID = "another-id"
        var moved = makeGrant(3)
        moved.tokenEndpoint = "https://elsewhere.example/token"
        for grant in [makeGrant(1), renamed, moved] {
            try await store.takeUp(grant, firstToken: nil, droppingTokens: false)
        }
        #expect(try await store.commit(renamed, token: nil) == .held)
        #expect(try store.standings == ["lineage-1": .held, "lineage-2": .held, "lineage-3": .held])
    }
}
