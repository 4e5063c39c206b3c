import GRDB
import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

@testable import Broker
@testable import TokenStore

/// The operator's work on the store as a whole.
@Suite(.timeLimit(.minutes(5))) struct StoreMaintenanceTests {
    /// Lets a rekey come as far as its first wait, and no further until it may.
    private final class Gate: Sendable {
        private let arrivals = AsyncStream<Void>.makeStream()
        private let permits = AsyncStream<Void>.makeStream()

        func pass() async {
            arrivals.continuation.yield()
            for await _ in permits.stream { break }
        }

        func arrival() async { for await _ in arrivals.stream { break } }

        func open() { permits.continuation.yield() }
    }

    private let gate = Gate()

    /// The maintenance of the rig's store, whose key the rig gives.
    private func maintenance(_ rig: BrokerRig) throws -> StoreMaintenance {
        try rig.files.write([UInt8](repeating: 8, count: 32), to: "new.key")
        try rig.files.write([UInt8](repeating: 7, count: 32), to: "old.key")
        let keys = ["new", "old"].map { SecretSource.file("\(rig.files.directory)/\($0).key") }
        return StoreMaintenance(
            store: rig.store,
            journal: rig.broker.journal,
            directory: rig.files.directory
        ) { [gate] in
            await gate.pass()
            return (.given(keys), [:])
        }
    }

    private static func outcome(_ maintenance: StoreMaintenance) async -> Result<Int, APIError> {
        do throws(APIError) {
            return .success(try await maintenance.rekey())
        } catch {
            return .failure(error)
        }
    }

    private func error(_ outcome: Result<Int, APIError>) -> APIError? {
        if case .failure(let error) = outcome { error } else { nil }
    }

    @Test func `a second rekey is put off while one is under way`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            let maintenance = try maintenance(rig)
            async let first = Self.outcome(maintenance)
            await gate.arrival()
            let refused = APIError(
                .temporarilyUnavailable,
                "the state is being sealed anew already",
                retryAfter: 1
            )
            #expect(error(await Self.outcome(maintenance)) == refused)
            #expect(error(await Self.outcome(maintenance)) == refused)
            gate.open()
            #expect(await first == .success(2))
            // It is over with the first, and after a failure too.
            gate.open()
            #expect(await Self.outcome(maintenance) == .success(2))
            try rig.files.remove("new.key")
            for _ in 1...2 {
                gate.open()
                #expect(error(await Self.outcome(maintenance))?.code == .invalidRequest)
            }
        }
    }

    @Test func `a refresh token that came to be in memory alone meanwhile puts a rekey off`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            rig.server.setBehaviour(.held, times: 1)
            rig.advance(by: .seconds(1))
            let pending = rig.begin("/v1/clients/billing/refresh", method: .post, on: .admin)
            _ = try await rig.server.counters { $0.held == 1 }
            let maintenance = try maintenance(rig)
            async let rekeying = Self.outcome(maintenance)
            await gate.arrival()
            try await rig.store.setReadOnly(true)
            rig.server.release()
            #expect(try await pending.answer().status == 200)
            try await rig.store.setReadOnly(false)
            gate.open()
            let refused = error(await rekeying)
            #expect(refused?.code == .temporarilyUnavailable)
            #expect(refused?.summary == "a refresh token is in memory alone, sealed with the key of now")
            // The old key is in force still.
            let sealing = try await rig.store.queue.read { database in try Schema.sealingKeys(database) }
            #expect(sealing == [rig.store.keys.sealing.id])
            rig.advance(by: .seconds(31))
            try await rig.until { try rig.held.grant.sequence == 3 && rig.status.alarms.isEmpty }
            gate.open()
            #expect(await Self.outcome(maintenance) == .success(2))
        }
    }

    @Test func `a store that cannot be sealed anew says so with its own remedy`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            _ = try await rig.ask("/v1/token/billing")
            let maintenance = try maintenance(rig)
            try await rig.store.setReadOnly(true)
            gate.open()
            let readOnly = error(await Self.outcome(maintenance))
            #expect(readOnly?.code == .serverError)
            #expect(readOnly?.summary.hasPrefix("the state was not sealed anew: \(rig.store.path) cannot") == true)
            let path = rig.store.path
            #expect(readOnly?.remedy == "Make \(path) and its directory writable for the daemon's user.")
            try await rig.store.setReadOnly(false)
            try await rig.store.queue.write { database in
                try database.execute(sql: "UPDATE refresh_grant SET sealed_token = x'00'")
            }
            gate.open()
            let unreadable = error(await Self.outcome(maintenance))
            #expect(unreadable?.code == .serverError)
            #expect(unreadable?.summary.contains("clients: billing") == true)
            #expect(unreadable?.remedy?.contains("log their clients out") == true)
        }
    }
}
