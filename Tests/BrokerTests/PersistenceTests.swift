import Broker
import FoundationEssentials
import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing
import TokenStore

@Suite(.timeLimit(.minutes(5))) struct PersistenceTests {
    @Test func `what is served is in the store`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", #"scopes = ["read"]"#))
            let served = try await rig.ask("/v1/token/billing").token
            let stored = try #require(try rig.stored.first)
            #expect(stored.token.value == Secret(served.accessToken))
            #expect(stored.token.scope == ScopeSet(["read"]))
            #expect(stored.clientID == "billing-id")
            #expect(stored.tokenEndpoint == rig.server.tokenEndpoint)
            #expect(stored.refreshAge == .seconds(2_700))
            #expect(stored.lastAsked != nil)
            #expect(stored.token.receipt.moment == rig.clock.now())
        }
    }

    @Test func `nothing is published before it is in the store`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", #"keep_warm = "always""#))
            let (counts, count) = AsyncStream<Int>.makeStream()
            // Called on the thread that publishes, before anything else happens there.
            rig.broker.onChange { [broker = rig.broker, store = rig.store] in
                guard broker.statusLine == "1 client: 1 fresh" else { return }
                count.yield((try? store.tokens().tokens.count) ?? -1)
            }
            _ = try await rig.ask("/v1/token/billing")
            var seen = counts.makeAsyncIterator()
            #expect(await seen.next() == 1)
        }
    }

    @Test func `a store that fails serves all the same and raises the alarm`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            try rig.store.close()
            let served = try await rig.ask("/v1/token/billing")
            #expect(served.status == 200)
            #expect(rig.server.isActive(try served.token.accessToken))
            let alarm = try #require(try rig.status.alarms.first)
            #expect(alarm.alarm == "store_write_failed")
            #expect(alarm.message.contains("\(rig.files.directory)/state.sqlite"))
            #expect(rig.log.lines(with: "Alarm raised").count == 1)
            #expect(try rig.report().state == .fresh)
            #expect(rig.broker.statusLine.contains("ALARM: "))
            #expect(try rig.answer("/readyz", on: .admin).status == 503)
        }
    }

    @Test func `what could not be stored is stored within a minute of the store's recovery`() async throws {
        try await withBroker(writePatience: .seconds(1)) { rig in
            try rig.start(rig.client())
            try await rig.withLockedDatabase { () async throws -> Void in
                #expect(try await rig.ask("/v1/token/billing").status == 200)
                #expect(try rig.status.alarms.map(\.alarm) == ["store_write_failed"])
                #expect(try rig.stored.isEmpty)
            }
            rig.advance(by: .seconds(60))
            try await rig.until { try rig.status.alarms.isEmpty }
            #expect(try rig.stored.count == 1)
            #expect(rig.server.counters().tokenRequests == 1)
        }
    }

    @Test func `after a restart the stored token serves without a request`() async throws {
        try await restarting { rig, token in
            let served = try rig.answer("/v1/token/billing").token
            #expect(served.accessToken == token)
            #expect(rig.server.counters().tokenRequests == 1)
        }
    }

    @Test(arguments: [("client_id = \"billing-id\"", "client_id = \"new-id\""), ("/token\"", "/token?tenant=2\"")])
    func `a token got with another client_id or elsewhere is not served`(from: String, to: String) async throws {
        try await restarting(changing: { $0.replacing(from, with: to) }) { rig, token in
            let served = try await rig.ask("/v1/token/billing").token
            #expect(served.accessToken != token)
            #expect(rig.server.counters().tokenRequests == 2)
        }
    }

    @Test func `a token that ended while the broker was down is never served`() async throws {
        try await restarting(after: .seconds(3_600)) { rig, token in
            let served = try await rig.ask("/v1/token/billing").token
            #expect(served.accessToken != token)
        }
    }

    @Test func `another boot with the wall clock before the receipt asks anew`() async throws {
        try await restarting(boot: "2", after: .seconds(-60)) { rig, token in
            let served = try await rig.ask("/v1/token/billing").token
            #expect(served.accessToken != token)
        }
    }

    @Test func `in another boot the wall clock tells the age`() async throws {
        try await restarting(boot: "2", after: .seconds(600)) { rig, token in
            let served = try rig.answer("/v1/token/billing").token
            #expect(served.accessToken == token)
            #expect(served.expiresIn == 3_000)
        }
    }

    /// Gets a token, stops, and starts again on what the first broker left.
    private func restarting(
        boot: String = "1",
        after pause: Duration = .zero,
        changing change: (String) -> String = { $0 },
        _ body: (BrokerRig, _ token: String) async throws -> Void
    ) async throws {
        try await withBroker { first in
            try first.start(first.client())
            let token = try await first.ask("/v1/token/billing").token.accessToken
            await first.stop()
            first.clock.advance(by: pause)
            let second = try BrokerRig(first.server, first.clock, files: first.files, boot: boot)
            do {
                try second.start(change(second.client()))
                try await body(second, token)
            } catch {
                await second.stop()
                throw error
            }
            await second.stop()
        }
    }
}
