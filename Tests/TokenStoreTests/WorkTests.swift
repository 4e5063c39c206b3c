import GRDB
import OAuth2
import Synchronization
import Testing

@testable import TokenStore

/// What whoever watches the store hears of its work.
struct WorkTests {
    private let directory: TemporaryDirectory
    private let events = Events()

    private final class Events: Sendable {
        private let seen = Mutex<[TokenStore.Activity?]>([])

        func add(_ activity: TokenStore.Activity?) { seen.withLock { $0.append(activity) } }

        var all: [TokenStore.Activity?] { seen.withLock { $0 } }
    }

    init() throws { directory = try TemporaryDirectory() }

    @Test func `each piece of work begins and ends, the one that fails too`() async throws {
        let store = try TokenStore.open(path: directory.database, keys: keys, atWork: { [events] in events.add($0) })
        try await store.save(makeToken(1))
        #expect(events.all == [.transaction, nil])
        _ = try store.tokens()
        #expect(events.all == [.transaction, nil, .transaction, nil])

        // It does not come as far as what it is to do.
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: directory.database, configuration: configuration)
        try await store.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA busy_timeout = 1") }
        try await other.writeWithoutTransaction { try $0.beginTransaction(.immediate) }
        await #expect(throws: TokenStoreError.busy(path: directory.database)) {
            try await store.removeTokens(of: makeToken(1).slot.client)
        }
        #expect(events.all == [.transaction, nil, .transaction, nil, .transaction, nil])
        try await other.writeWithoutTransaction { try $0.rollback() }

        try await store.backUp(to: directory.path + "/copy")
        #expect(events.all.suffix(4) == [.transaction, nil, .copy, nil])
    }
}
