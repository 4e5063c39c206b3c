import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

@testable import Broker

@Suite(.timeLimit(.minutes(5))) struct WatchTests {
    @Test func `a watcher hears what stands, then each change`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let watcher = rig.begin("/v1/watch/billing")
            let first = try await watcher.event()
            #expect(first?.event == .state)
            #expect(first?.state == .idle)
            let token = try await rig.ask("/v1/token/billing").token
            #expect(try await watcher.event()?.state == .fetching)
            let fresh = try await watcher.event()
            #expect(fresh?.event == .token)
            #expect(fresh?.expiresAt == token.expiresAt)
            rig.advance(by: .seconds(2_700))
            #expect(try await watcher.event()?.state == .refreshing)
            let next = try await watcher.event()
            #expect(next?.event == .token)
            #expect(next?.state == .fresh)
        }
    }

    @Test func `a token that does not expire is a token event, and so is the next`() async throws {
        try await withBroker { rig in
            var unlimited = Behaviour()
            unlimited.omit = ["expires_in"]
            rig.server.setBehaviour(unlimited)
            try rig.start(rig.client("billing", #"default_lifetime = "never""#))
            let watcher = rig.begin("/v1/watch/billing")
            #expect(try await watcher.event()?.state == .idle)
            #expect(try await rig.ask("/v1/token/billing").token.expiresIn == nil)
            #expect(try await watcher.event()?.state == .fetching)
            #expect(try await watcher.event()?.event == .token)
            rig.advance(by: .seconds(100))
            let refresh = rig.begin("/v1/clients/billing/refresh", method: .post, on: .admin)
            #expect(try await refresh.answer().status == 200)
            #expect(try await watcher.event()?.state == .refreshing)
            #expect(try await watcher.event()?.event == .token)
        }
    }

    @Test func `a silent stream beats every 30 s`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let watcher = rig.begin("/v1/watch/billing")
            _ = watcher.lines
            rig.advance(by: .seconds(90))
            #expect(watcher.lines == ["\n", "\n", "\n"])
            rig.hangUp(watcher)
            rig.advance(by: .seconds(90))
            #expect(watcher.lines == [])
        }
    }

    @Test func `a beat is no exception: who may watch no more hears the end in its place`() async throws {
        try await withBroker { rig in
            let allow = "allow = [{ user = 1001 }, { user = 1002 }]"
            try rig.start(rig.client("billing", allow))
            let ann = rig.begin("/v1/watch/billing", uid: BrokerRig.ann)
            let bob = rig.begin("/v1/watch/billing", uid: BrokerRig.bob)
            _ = (ann.lines, bob.lines)
            // As when the unit of a caller is another by now, which no reload tells.
            let client = try #require(rig.broker.directory.snapshot.clients["billing"])
            client.replaceAccess(
                AccessPolicy(
                    allow: [AllowRule(user: .number(BrokerRig.bob))],
                    target: TokenTarget(),
                    daemonUID: BrokerRig.daemonUID,
                    lookup: rig.users.lookup
                )
            )
            #expect(ann.lines == [])
            rig.advance(by: .seconds(30))
            #expect(try await ann.event()?.event == .end)
            #expect(try await ann.line() == nil)
            #expect(bob.lines == ["\n"])
        }
    }

    @Test func `a removed client ends its streams`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing") + rig.client("sales"))
            let watcher = rig.begin("/v1/watch/billing")
            let other = rig.begin("/v1/watch/sales")
            _ = try await watcher.event()
            _ = other.lines
            _ = try await rig.reload(rig.client("sales"))
            #expect(try await watcher.event()?.event == .end)
            #expect(try await watcher.line() == nil)
            #expect(other.lines == [])
        }
    }

    @Test func `a caller who is allowed no more hears nothing of the next token`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", "allow = [{ user = 1001 }, { user = 1002 }]"))
            let ann = rig.begin("/v1/watch/billing", uid: BrokerRig.ann)
            let bob = rig.begin("/v1/watch/billing", uid: BrokerRig.bob)
            _ = (ann.lines, bob.lines)
            _ = try await rig.reload(rig.client("billing", "allow = [{ user = 1002 }]"))
            #expect(try await rig.ask("/v1/token/billing", uid: BrokerRig.bob).status == 200)
            #expect(try await ann.event()?.event == .end)
            #expect(try await ann.line() == nil)
            #expect(try await bob.event()?.state == .fetching)
            #expect(try await bob.event()?.event == .token)
        }
    }

    @Test func `a stream goes on over a reload that changed its client`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            _ = try await rig.ask("/v1/token/billing")
            let watcher = rig.begin("/v1/watch/billing")
            #expect(try await watcher.event()?.event == .token)
            _ = try await rig.reload(rig.client("billing", "refresh_at = 0.5"))
            // The plan was drawn when the token came, and holds.
            rig.advance(by: .seconds(2_699))
            #expect(rig.server.counters().tokenRequests == 1)
            rig.advance(by: .seconds(1))
            #expect(try await watcher.event()?.state == .refreshing)
            #expect(try await watcher.event()?.event == .token)
        }
    }
}
