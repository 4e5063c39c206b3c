import Broker
import FoundationEssentials
import OAuth2
import Testing
import TokenStore

/// A change of the daemon's own key, and what a crash leaves of it.
@Suite struct RekeyTests {
    private let files: ConfigurationFiles

    private let grant: RefreshGrant

    init() throws {
        files = try ConfigurationFiles()
        grant = RefreshGrant(
            id: GrantID(client: try #require(ClientName("billing")), lineage: GrantLineage("lineage")),
            refreshToken: Secret("refresh"),
            clientID: "billing-id",
            tokenEndpoint: "https://as.example/token",
            firstIssuedAt: .seconds(1),
            renewedAt: .seconds(1)
        )
    }

    private var source: StateKeySource { .kept(path: "\(files.directory)/state.key") }

    private var database: String { "\(files.directory)/tokenbroker.sqlite" }

    private func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(files.directory)/\(name)")
    }

    private func expectGrant(_ store: TokenStore) throws {
        let stored = try store.grants()
        #expect(stored.grants == [StoredGrant(grant: grant)])
        #expect(stored.unreadable.isEmpty)
    }

    private func open(environment: [String: String] = [:]) throws -> TokenStore {
        try TokenStore.open(
            path: database,
            keys: try StateKey.storeKeys(source, database: database, environment: environment)
        )
    }

    private func openWithGrant() async throws -> TokenStore {
        let store = try open()
        try await store.takeUp(grant, firstToken: nil, droppingTokens: false)
        return store
    }

    private func rekey(_ store: TokenStore, environment: [String: String] = [:]) async throws -> Int? {
        try await StateKey.rekey(source, environment: environment) { keys throws(TokenStoreError) in
            try await store.rekey(to: keys)
        }
    }

    private func expectOneKey(other than: [UInt8], _ store: TokenStore) throws {
        try store.close()
        #expect(!exists("state.key.next") && !exists("state.key.next.new"))
        #expect(try files.bytes(of: "state.key") != than)
        #expect(!StateKey.isRekeyInterrupted(source, environment: [:]))
        let reopened = try open()
        try expectGrant(reopened)
        try reopened.close()
    }

    @Test func `a new key of the daemon's own takes the place of the old one`() async throws {
        let store = try await openWithGrant()
        let old = try files.bytes(of: "state.key")
        #expect(try await rekey(store) == 1)
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(files.directory)/state.key")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        try expectOneKey(other: old, store)
    }

    @Test(arguments: [false, true])
    func `what a crash interrupts is read with both keys, and ended with the new one`(isSealed: Bool) async throws {
        let store = try await openWithGrant()
        let old = try files.bytes(of: "state.key")
        await #expect(throws: StateKey.Failure.self) {
            try await StateKey.rekey(source, environment: [:]) { keys throws(TokenStoreError) in
                // The crash comes before or after the transaction.
                if isSealed { _ = try await store.rekey(to: keys) }
                throw .busy(path: "")
            }
        }
        try store.close()
        #expect(try files.bytes(of: "state.key") == old)
        let next = try files.bytes(of: "state.key.next")
        #expect(next.count == 32 && next != old)
        #expect(StateKey.isRekeyInterrupted(source, environment: [:]))
        let restarted = try open()
        try expectGrant(restarted)
        #expect(try await rekey(restarted) == 1)
        #expect(try files.bytes(of: "state.key") == next)
        try expectOneKey(other: old, restarted)
    }

    @Test func `what is not sealed at all keeps its key, and the next one for the next time`() async throws {
        let store = try await openWithGrant()
        let old = try files.bytes(of: "state.key")
        let sealed = try await StateKey.rekey(source, environment: [:]) { _ in nil }
        #expect(sealed == nil)
        #expect(try files.bytes(of: "state.key") == old)
        let next = try files.bytes(of: "state.key.next")
        #expect(try await rekey(store) == 1)
        #expect(try files.bytes(of: "state.key") == next)
        try expectOneKey(other: old, store)
    }

    @Test(arguments: [false, true])
    func `the credential takes the place of the daemon's own key`(isInterrupted: Bool) async throws {
        try await openWithGrant().close()
        if isInterrupted { try files.write([UInt8](repeating: 9, count: 32), to: "state.key.next") }
        let credential = try files.credentials([UInt8](repeating: 3, count: 32))
        // That the operator asked for another key of the daemon's own says nothing of the credential.
        #expect(!StateKey.isRekeyInterrupted(source, environment: credential))
        let store = try open(environment: credential)
        try expectGrant(store)
        #expect(exists("state.key"))
        #expect(try await rekey(store, environment: credential) == 1)
        #expect(!exists("state.key") && !exists("state.key.next"))
        // Once more changes nothing.
        #expect(try await rekey(store, environment: credential) == 1)
        try store.close()
        let reopened = try open(environment: credential)
        try expectGrant(reopened)
        try reopened.close()
        #expect(throws: StateKey.Failure.self) { try open() }
        #expect(!exists("state.key") && !exists("state.key.next"))
    }

    @Test func `the daemon's own key stays until all is sealed with the credential`() async throws {
        try await openWithGrant().close()
        let credential = try files.credentials([UInt8](repeating: 3, count: 32))
        let store = try open(environment: credential)
        #expect(try await StateKey.rekey(source, environment: credential) { _ in nil } == nil)
        await #expect(throws: StateKey.Failure.self) {
            try await StateKey.rekey(source, environment: credential) { _ throws(TokenStoreError) in
                throw .busy(path: "")
            }
        }
        #expect(exists("state.key"))
        try expectGrant(store)
        try store.close()
    }

    @Test(arguments: [0, 1, 31, 33, 64])
    func `a part of a next key is ignored, and made anew`(count: Int) async throws {
        try await openWithGrant().close()
        let old = try files.bytes(of: "state.key")
        let part = [UInt8](repeating: 7, count: count)
        try files.write(part, to: "state.key.next")
        #expect(!StateKey.isRekeyInterrupted(source, environment: [:]))
        let store = try open()
        #expect(try files.bytes(of: "state.key.next") == part)
        #expect(try await rekey(store) == 1)
        try expectOneKey(other: old, store)
    }

    @Test func `a next key that others can read is no part of one, and is refused by name`() async throws {
        try await openWithGrant().close()
        try files.write([UInt8](repeating: 7, count: 32), to: "state.key.next", mode: 0o644)
        let error = #expect(throws: StateKey.Failure.self) {
            try StateKey.storeKeys(source, database: database, environment: [:])
        }
        #expect(error?.description.contains("state.key.next can be read by others") == true)
    }

    @Test func `a next key is whole before anything is sealed with it`() async throws {
        let store = try await openWithGrant()
        try FileManager.default.createDirectory(
            atPath: "\(files.directory)/state.key.next.new",
            withIntermediateDirectories: false
        )
        var isSealed = false
        await #expect(throws: StateKey.Failure.self) {
            try await StateKey.rekey(source, environment: [:]) { _ in
                isSealed = true
                return nil
            }
        }
        #expect(!isSealed && !exists("state.key.next"))
        try store.close()
    }
}
