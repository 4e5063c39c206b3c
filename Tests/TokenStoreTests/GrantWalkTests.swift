import Foundation
import OAuth2
import TestSupport
import Testing

@testable import TokenStore

struct GrantWalkTests {
    @Test(arguments: [5, 6, 7])
    func `A random walk of logins, renewals, refusals and crashes agrees with a model`(seed: UInt64) async throws {
        var walk = try await GrantWalk(seed: seed)
        for _ in 0..<400 {
            try await walk.step()
            try walk.compare()
        }
        // Or the walk has shown little.
        #expect(walk.commits.count == 3, "\(walk.commits)")
        #expect(walk.reinstated > 0)
    }
}

/// A client as a person would keep its books: the grant in use, and under it those whose place was taken.
private struct ClientBooks {
    var held: GrantID?
    var replaced: [GrantID] = []

    /// Whose successor went without having been refused: nothing gives them their place back.
    var stranded: [GrantID] = []
    var others: [GrantID: GrantStanding] = [:]
    var intents: [GrantID: RefreshIntent] = [:]
    var token: StoredToken?

    var standings: [GrantID: GrantStanding] {
        var standings = others
        for id in replaced + stranded { standings[id] = .replaced }
        if let held { standings[held] = .held }
        return standings
    }

    mutating func takeUp(_ id: GrantID, droppingTokens: Bool) {
        if let held { replaced.append(held) }
        held = id
        if droppingTokens { token = nil }
    }

    mutating func commit(_ id: GrantID, _ granted: StoredToken?) -> GrantCommit {
        intents[id] = nil
        if let position = replaced.firstIndex(of: id) {
            stranded += replaced[..<position]
            replaced.removeSubrange(...position)
        }
        stranded.removeAll { $0 == id }
        let isWaiting = standings[id] != nil && standings[id] != .superseded && others[id] != nil
        guard held == id || (isWaiting && held == nil && others[id] != .superseded) else {
            others[id] = .superseded
            return .superseded
        }
        held = id
        others[id] = nil
        for gone in replaced + stranded { intents[gone] = nil }
        (replaced, stranded) = ([], [])
        if let granted { token = granted }
        return .held
    }

    mutating func refuse(_ id: GrantID) -> GrantID? {
        guard standings[id] != nil else { return nil }
        intents[id] = nil
        replaced.removeAll { $0 == id }
        stranded.removeAll { $0 == id }
        others[id] = .refused(refusal)
        guard held == id else { return nil }
        held = replaced.popLast()
        return held
    }

    mutating func remove(_ id: GrantID) {
        intents[id] = nil
        others[id] = nil
        replaced.removeAll { $0 == id }
        stranded.removeAll { $0 == id }
        guard held == id else { return }
        held = nil
        stranded += replaced
        replaced = []
    }
}

/// The store and the books, step by step.
private struct GrantWalk {
    private var random: SeededGenerator
    private var directory: TemporaryDirectory
    private var store: TokenStore
    private var books: [ClientName: ClientBooks] = [:]
    private var firstTokens: Set<FirstTokenFingerprint> = []

    /// The newest token of every lineage that ever was.
    private var newest: [GrantID: RefreshGrant] = [:]
    private var number = 0

    var commits: Set<GrantCommit> = []
    var reinstated = 0

    init(seed: UInt64) async throws {
        random = SeededGenerator(seed: seed)
        directory = try TemporaryDirectory()
        store = try directory.open(keys)
        try await store.doNotWaitForTheDisk()
    }

    mutating func step() async throws {
        let client = clientName(random.pick(["billing", "shipping"]))
        number += 1
        switch random.below(20) {
        case 0..<4: try await takeUp(client)
        case 4..<8: try await begin(client)
        case 8..<13: try await commit(client)
        case 13..<16: try await refuse(client)
        case 16: try await remove(client)
        case 17 where random.once(in: 4):
            try await store.forget(client)
            books[client] = nil
        case 18: try await crash()
        default: try await restart()
        }
    }

    private mutating func anyGrant(of client: ClientName) -> RefreshGrant? {
        let grants = newest.values.filter { $0.id.client == client }
        // The recent ones, as the others are long gone.
        return grants.isEmpty
            ? nil : random.pick(Array(grants.sorted { $0.firstIssuedAt < $1.firstIssuedAt }.suffix(5)))
    }

    private mutating func takeUp(_ client: ClientName) async throws {
        var grant = makeGrant(client: client.value, lineage: "\(number)")
        grant.firstIssuedAt = .seconds(1_000 + number)
        let first = random.once(in: 2) ? firstToken("first-\(number % 7)", client: client.value) : nil
        let droppingTokens = random.once(in: 2)
        try await store.takeUp(grant, firstToken: first, droppingTokens: droppingTokens, isRetaken: true)
        books[client, default: ClientBooks()].takeUp(grant.id, droppingTokens: droppingTokens)
        newest[grant.id] = grant
        if let first { firstTokens.insert(first) }
    }

    private mutating func begin(_ client: ClientName) async throws {
        guard let grant = anyGrant(of: client) else { return }
        let intent = makeIntent(grant.sequence, attempts: number)
        switch books[client]?.standings[grant.id] {
        case nil, .replaced, .superseded:
            await #expect(throws: TokenStoreError.self) { try await store.begin(intent, of: grant.id) }
        case .held, .refused, .restored:
            try await store.begin(intent, of: grant.id)
            books[client]?.intents[grant.id] = intent
        }
    }

    private mutating func commit(_ client: ClientName) async throws {
        guard let grant = anyGrant(of: client) else { return }
        let isOld = random.once(in: 4)
        var granted = isOld ? grant : grant.rotated()
        if isOld { granted.refreshToken = Secret("not the stored one \(number)") }
        let token = random.once(in: 4) ? nil : makeToken(number, client: client.value)
        let outcome = try await store.commit(granted, token: token)
        commits.insert(outcome)
        if isOld, books[client]?.standings[grant.id] != nil {
            #expect(outcome == .outdated)
        } else {
            #expect(outcome == books[client, default: ClientBooks()].commit(grant.id, token))
            newest[grant.id] = granted
        }
    }

    private mutating func refuse(_ client: ClientName) async throws {
        guard let grant = anyGrant(of: client) else { return }
        let heir = try await store.refuse(grant.id, refusal)
        #expect(heir == books[client]?.refuse(grant.id) ?? nil)
        if heir != nil { reinstated += 1 }
    }

    private mutating func remove(_ client: ClientName) async throws {
        guard let grant = anyGrant(of: client) else { return }
        try await store.removeGrant(grant.id)
        books[client]?.remove(grant.id)
    }

    /// As after kill -9: what the files hold while the store is open.
    private mutating func crash() async throws {
        let copy = try TemporaryDirectory()
        try FileManager.default.copyItem(atPath: directory.path + "/state", toPath: copy.path + "/state")
        try FileManager.default.removeItem(atPath: copy.database + "-shm")
        try store.close()
        directory = copy
        store = try directory.open(keys)
        try await store.doNotWaitForTheDisk()
    }

    private mutating func restart() async throws {
        try store.close()
        store = try directory.open(keys)
        try await store.doNotWaitForTheDisk()
    }

    func compare() throws {
        #expect(store.salvage == nil)
        let found = try store.grants()
        #expect(found.unreadable == [])
        let standings = books.values.flatMap(\.standings)
        #expect(found.grants.count == standings.count)
        for (id, standing) in standings {
            let grant = try #require(newest[id])
            let expected = StoredGrant(grant: grant, standing: standing, intent: books[id.client]?.intents[id])
            #expect(found.grants.first { $0.grant.id == id } == expected)
        }
        let tokens = Dictionary(uniqueKeysWithValues: try store.tokens().tokens.map { ($0.slot.client, $0.clientID) })
        #expect(tokens == books.compactMapValues(\.token?.clientID))
        for number in 0..<7 {
            for client in ["billing", "shipping"] {
                let first = firstToken("first-\(number)", client: client)
                #expect(store.wasTakenOver(first) == firstTokens.contains(first))
            }
        }
    }
}
