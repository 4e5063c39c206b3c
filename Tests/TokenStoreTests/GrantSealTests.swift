import Foundation
import GRDB
import OAuth2
import TestSupport
import Testing

@testable import TokenStore

struct GrantSealTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// A closed database with a grant of each client.
    private func fill(_ clients: String...) async throws {
        let store = try directory.open(keys)
        for (number, client) in clients.enumerated() { try await store.put(makeGrant(number, client: client)) }
        try store.close()
    }

    @Test(arguments: [
        "client = 'other'", "lineage = x'78'", "sequence = 2", "client_id = x'78'",
        "token_endpoint = x'68747470733A2F2F6576696C2F'", "first_issued_at = 0", "renewed_at = renewed_at + 1",
        "stated_end = NULL", "stated_end = stated_end + 1", "is_rotating = 0", "sealed_token = x''",
        "sealed_token = zeroblob(40)", "sealed_token = substr(sealed_token, 1, length(sealed_token) - 1)",
        "sealed_token = (SELECT sealed_token FROM refresh_grant WHERE client = 'shipping')",
    ])
    func `An altered column, or another client's token, breaks the seal`(change: String) async throws {
        try await fill("billing", "shipping")
        try directory.tamper("UPDATE refresh_grant SET \(change) WHERE client = 'billing'")
        let found = try directory.open(keys).grants()
        #expect(found.grants.map(\.grant.id.client.value) == ["shipping"])
        #expect(found.unreadable.map(\.reason) == [.sealBroken])
    }

    @Test(arguments: [
        "client_id = x'FF'", "is_rotating = 2", "standing = 'kept'", "standing = 'refused'", "intent_sequence = 1",
        "intent_sequence = 1, intent_attempts = 1", "lineage = x'FF'",
    ])
    func `A row with what is never written is skipped`(change: String) async throws {
        try await fill("billing", "shipping")
        try directory.tamper("UPDATE refresh_grant SET \(change) WHERE client = 'billing'")
        let store = try directory.open(keys)
        let found = try store.grants()
        #expect(found.grants.map(\.grant.id.client.value) == ["shipping"])
        #expect(found.unreadable == [UnreadableGrant(client: "billing", reason: .malformed)])
        await #expect(throws: TokenStoreError.self) {
            try await store.begin(makeIntent(), of: makeGrant(0, client: "shipping").id)
        }
    }

    @Test func `The first key seals and all open`() async throws {
        let (old, new) = (makeGrant(1, client: "old"), makeGrant(2, client: "new"))
        var store = try directory.open(makeKeys(1))
        try await store.put(old)
        try store.close()
        store = try directory.open(makeKeys(2, 1))
        try await store.put(new)
        #expect(try store.grants().grants.map(\.grant) == [old, new])
        try store.close()
        store = try directory.open(makeKeys(2))
        let expected = [UnreadableGrant(client: "old", reason: .keyMissing)]
        #expect(try store.grants() == StoredGrants(grants: [StoredGrant(grant: new)], unreadable: expected))
        // A new login is not held up by what cannot be read.
        try await store.takeUp(makeGrant(3, client: "old"), firstToken: nil, droppingTokens: false)
        #expect(try store.grants().grants.map(\.grant) == [new, makeGrant(3, client: "old")])
    }

    @Test func `A wrong key is refused when there are only grants, and the files are left as they are`() async throws {
        let store = try directory.open(keys)
        try await store.takeUp(makeGrant(), firstToken: firstToken("first"), droppingTokens: false)
        let suffixes = ["", "-wal", ".first-tokens"]
        let before = try suffixes.map { try directory.bytes($0) }
        let names = try directory.names
        #expect(throws: TokenStoreError.wrongKey(path: directory.database)) { try directory.open(makeKeys(2, 3)) }
        #expect(try suffixes.map { try directory.bytes($0) } == before)
        #expect(try directory.names == names)
        #expect(try store.grants().grants == [StoredGrant(grant: makeGrant())])
    }

    @Test func `No refresh token is in any file in the clear`() async throws {
        let store = try directory.open(keys)
        let secret = "secret-refresh-token"
        for number in 0..<30 {
            let client = "c\(number % 6)"
            var grant = makeGrant(number, client: client, token: secret + String(repeating: "x", count: number * 90))
            let first = FirstTokenFingerprint(client: grant.id.client, token: grant.refreshToken)
            try await store.takeUp(grant, firstToken: first, droppingTokens: false)
            try await store.begin(makeIntent(1, attempts: number), of: grant.id)
            grant.sequence += 1
            grant.refreshToken = Secret("\(secret)-\(number)")
            _ = try await store.commit(grant, token: makeToken(number, client: client, value: secret))
        }
        try await store.forget(clientName("c1"))
        _ = try await store.rekey(to: makeKeys(2))
        try await store.takeUp(makeGrant(99, token: secret), firstToken: nil, droppingTokens: false)
        try await store.backUp(to: directory.path + "/state/tokenbroker.db.backup")
        let names = try directory.names.map { String($0.dropFirst("tokenbroker.db".count)) }
        #expect(names == ["", "-shm", "-wal", ".backup", ".first-tokens"])
        var files = try names.map { try directory.bytes($0) }
        try store.close()
        files.append(try directory.bytes())
        let token = makeToken(value: secret)
        files.append(Data(try store.sealed(makeGrant(token: secret), token: token)))
        for file in files {
            #expect(!file.isEmpty)
            #expect(file.range(of: Data(secret.utf8)) == nil)
        }
        // The search finds what is there in the clear.
        #expect(files.filter { $0.range(of: Data("c5".utf8)) != nil }.count >= 3)
    }
}

struct SealedGrantTests {
    let directory: TemporaryDirectory
    let store: TokenStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try directory.open(makeKeys(1, 2))
    }

    private func expectOpens(
        _ bytes: [UInt8],
        _ grant: RefreshGrant,
        _ token: StoredToken?,
        by store: TokenStore,
        location: SourceLocation = #_sourceLocation
    ) throws {
        let opened = try #require(store.opened(bytes), sourceLocation: location)
        #expect(opened.grant == grant, sourceLocation: location)
        #expect(opened.token == token, sourceLocation: location)
    }

    @Test(arguments: RoundTripTests.hostileTexts)
    func `A sealed grant comes back with its token, whatever their texts`(text: String) throws {
        var grant = makeGrant(lineage: text, token: text)
        grant.clientID = text
        grant.tokenEndpoint = text
        var token = makeToken(
            target: TokenTarget(scope: ScopeSet([text]), audience: text, resource: [text]),
            value: text
        )
        token.token.tokenType = text
        token.clientID = text
        try expectOpens(try store.sealed(grant, token: token), grant, token, by: store)
        try expectOpens(try store.sealed(grant, token: nil), grant, nil, by: store)
    }

    @Test func `What is lacking is lacking when it is opened`() throws {
        var grant = makeGrant(sequence: .max, isRotating: false)
        grant.statedEnd = nil
        grant.refreshToken = Secret(bytes: [0xFF, 0])
        var token = makeToken()
        token.token.lifetime = nil
        token.refreshAge = nil
        token.lastAsked = nil
        token.token.value = Secret(bytes: [])
        token.token.scope = .none
        try expectOpens(try store.sealed(grant, token: token), grant, token, by: store)
    }

    @Test func `Only a store with the key opens it`() throws {
        let bytes = try store.sealed(makeGrant(), token: makeToken())
        for (number, opens) in [(makeKeys(1), true), (makeKeys(3, 1), true), (makeKeys(2), false)].enumerated() {
            let other = try TokenStore.open(path: directory.database + "-\(number)", keys: opens.0)
            #expect((other.opened(bytes) != nil) == opens.1)
        }
    }

    @Test func `Every change, cut and addition is noticed`() throws {
        let bytes = try store.sealed(makeGrant(), token: makeToken())
        #expect(store.opened(bytes) != nil)
        for index in bytes.indices {
            var altered = bytes
            altered[index] ^= 1 << UInt8(index % 8)
            #expect(store.opened(altered) == nil)
            #expect(store.opened(Array(bytes[..<index])) == nil)
        }
        #expect(store.opened(bytes + [0]) == nil)
        var random = SeededGenerator(seed: 8)
        for count in 0..<200 {
            #expect(store.opened((0..<count).map { _ in .random(in: 0...255, using: &random) }) == nil)
        }
    }

    @Test func `The same grant is sealed differently each time`() throws {
        let seals = try (0..<50).map { _ in try store.sealed(makeGrant(), token: nil) }
        #expect(Set(seals).count == seals.count)
    }
}
