import GRDB
import OAuth2
import Testing

@testable import TokenStore

/// What the store makes of a login beside what it holds.
struct LoginCommitTests {
    let directory: TemporaryDirectory
    let store: TokenStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try directory.open(keys)
    }

    private func login(_ number: Int, of subject: String?) -> RefreshGrant {
        var grant = makeGrant(number)
        grant.subject = subject.map { LoginSubject(id: $0, name: "\($0)@example.com") }
        return grant
    }

    private var standings: [GrantStanding] { get throws { try store.grants().grants.map(\.standing) } }

    @Test func `A login and its token are stored at once, with whose it is`() async throws {
        let grant = login(1, of: "ann")
        #expect(try await store.commitLogin(grant, token: makeToken(), replacing: .same) == .held)
        #expect(try store.grants().grants == [StoredGrant(grant: grant)])
        #expect(try store.tokens().tokens == [makeToken()])
        var next = grant
        (next.sequence, next.refreshToken) = (2, Secret("next"))
        #expect(try await store.commit(next, token: nil) == .held)
        #expect(try store.grants().grants.map(\.grant.subject) == [grant.subject])
    }

    @Test func `The same account's login keeps the one before until it has worked`() async throws {
        _ = try await store.commitLogin(login(1, of: "ann"), token: makeToken(), replacing: .same)
        let second = login(2, of: "ann")
        _ = try await store.commitLogin(second, token: nil, replacing: .same)
        #expect(try standings == [.replaced, .held])
        #expect(try store.tokens().tokens == [makeToken()])
        #expect(try await store.refuse(second.id, refusal) == login(1, of: "ann").id)
    }

    @Test(arguments: [AccountReplacement.same, .another])
    func `Another account's login supersedes what is held, whatever was thought`(
        replacement: AccountReplacement
    ) async throws {
        _ = try await store.commitLogin(login(1, of: "ann"), token: makeToken(), replacing: .same)
        let bob = login(2, of: "bob")
        _ = try await store.commitLogin(bob, token: nil, replacing: replacement)
        #expect(try standings == [.superseded, .held])
        #expect(try store.tokens().tokens.isEmpty)
        // It never comes back.
        #expect(try await store.refuse(bob.id, refusal) == nil)
    }

    @Test func `What came from a backup is not to be revoked for another account's login`() async throws {
        _ = try await store.commitLogin(login(1, of: "ann"), token: nil, replacing: .same)
        try await store.setStanding(.restored, of: login(1, of: "ann").id)
        _ = try await store.commitLogin(login(2, of: "bob"), token: nil, replacing: .another)
        #expect(try standings == [.held])
    }

    @Test func `Accounts whose names only look alike are two`() async throws {
        _ = try await store.commitLogin(login(1, of: "\u{E9}"), token: nil, replacing: .same)
        _ = try await store.commitLogin(login(2, of: "e\u{301}"), token: nil, replacing: .same)
        #expect(try standings == [.superseded, .held])
    }

    @Test(arguments: [AccountReplacement.same, .another, .unknown])
    func `A sealed login comes back with whose place it takes`(account: AccountReplacement) throws {
        let sealed = try store.sealed(login(1, of: nil), token: makeToken(), replacing: account)
        #expect(store.opened(sealed)?.account == account)
    }

    @Test func `What may be the same account's is deleted, and not to be revoked`() async throws {
        _ = try await store.commitLogin(login(1, of: nil), token: makeToken(), replacing: .same)
        _ = try await store.commitLogin(login(2, of: "bob"), token: nil, replacing: .unknown)
        #expect(try standings == [.held])
        #expect(try store.tokens().tokens.isEmpty)
    }

    @Test func `A login that is stored already is not stored anew over what came since`() async throws {
        let first = login(1, of: "ann")
        _ = try await store.commitLogin(first, token: nil, replacing: .same)
        _ = try await store.commitLogin(login(2, of: "ann"), token: nil, replacing: .same)
        #expect(try await store.commitLogin(first, token: nil, replacing: .same) == .superseded)
        #expect(try standings == [.superseded, .held])
    }

    @Test func `A sealed login comes back with whose it is, and one of before knows nobody`() throws {
        let grant = login(1, of: "ann")
        let opened = try #require(store.opened(try store.sealed(grant, token: nil)))
        #expect(opened.grant == grant && opened.token == nil)
    }
}
