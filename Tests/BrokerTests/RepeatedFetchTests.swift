import LinuxHost
import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

@testable import Broker

/// What a connection hears that asks for the same again, when something changed meanwhile.
@Suite(.timeLimit(.minutes(5))) struct RepeatedFetchTests {
    private static let connection: Int32 = 7
    private static let target = "/v1/token/billing"

    private func ask(_ rig: BrokerRig, _ target: String = target, uid: UInt32 = 0) throws -> Answer {
        try rig.answer(target, uid: uid, connection: Self.connection)
    }

    private func withToken(
        _ lines: String = "",
        uid: UInt32 = 0,
        _ body: (BrokerRig, _ first: Answer) async throws -> Void
    ) async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", lines))
            _ = try await rig.ask(Self.target, uid: uid)
            try await body(rig, try ask(rig, uid: uid))
        }
    }

    @Test func `the same bytes within a second, and each fetch counted`() async throws {
        try await withToken { (rig, first) async throws in
            for _ in 0..<9 { #expect(try ask(rig) == first) }
            #expect(rig.repeated == 9)
            let events = try await rig.ask("/v1/events", on: .admin).document(EventsDocument.self).events
            #expect(events.filter { $0.event == "fetch" && $0.outcome == "served" }.map(\.count) == [11])
            #expect(try rig.answer("/metrics", on: .admin).body.contains(#"result="hit"} 10"#))
        }
    }

    @Test func `what is left of the token is told anew each second, and the event says when it came last`() async throws
    {
        try await withToken { (rig, _) async throws in
            let before = try ask(rig).token.expiresIn
            for seconds in 1...5 {
                rig.advance(by: .seconds(1))
                #expect(try ask(rig).token.expiresIn == before.map { $0 - seconds })
            }
            #expect(rig.repeated == 6)
            let events = try await rig.ask("/v1/events", on: .admin).document(EventsDocument.self).events
            #expect(events.first { $0.event == "fetch" }.map { $0.lastAt - $0.at } == 5)
        }
    }

    @Test func `in fractions of a second it is rounded down as for a first fetch`() async throws {
        try await withToken { (rig, _) async throws in
            for _ in 0..<40 {
                rig.advance(by: .milliseconds(130))
                let again = try ask(rig)
                let anew = try rig.answer(Self.target)
                #expect(try again.token.expiresIn == anew.token.expiresIn)
            }
            #expect(rig.repeated == 40)
        }
    }

    @Test func `another token once there is one`() async throws {
        try await withToken { (rig, first) async throws in
            rig.advance(by: .seconds(2))
            #expect(
                try await rig.begin("/v1/clients/billing/refresh", method: .post, on: .admin).answer().status == 200
            )
            let second = try ask(rig)
            #expect(rig.repeated == 0)
            let (before, after) = (try first.token.accessToken, try second.token.accessToken)
            #expect(before != after)
            #expect(try ask(rig) == second)
            #expect(rig.repeated == 1)
        }
    }

    @Test func `no token that is too old, by the caller's own measure too`() async throws {
        try await withToken { (rig, _) async throws in
            let picky = "\(Self.target)?min_ttl=3000&timeout=0"
            #expect(try ask(rig, picky).status == 200)
            rig.server.setBehaviour(.error("temporarily_unavailable", status: 503))
            #expect(try ask(rig, picky).status == 200)
            #expect(rig.repeated == 1)
            rig.advance(by: .seconds(601))
            #expect(try rig.begin(picky, connection: Self.connection).now?.status != 200)
            #expect(try ask(rig).status == 200)
            rig.advance(by: .seconds(3_000))
            #expect(try rig.begin("\(Self.target)?timeout=0", connection: Self.connection).now?.status != 200)
        }
    }

    @Test func `nothing that the wall clock forbids after a jump`() async throws {
        try await withToken { (rig, _) async throws in
            #expect(try ask(rig).status == 200)
            rig.server.setBehaviour(.error("temporarily_unavailable", status: 503))
            rig.clock.jumpWall(by: .seconds(3_595))
            // Within the second in which the token was looked at, its clock is not looked at again.
            rig.advance(by: .seconds(1))
            #expect(try rig.begin(Self.target, connection: Self.connection).now?.status != 200)
        }
    }

    @Test func `no token once no rule allows it, at the very next request`() async throws {
        try await withToken(#"allow = [{ user = "ann" }]"#, uid: BrokerRig.ann) { rig, _ in
            #expect(try ask(rig, uid: BrokerRig.ann).status == 200)
            #expect(rig.repeated == 1)
            _ = try await rig.reload(rig.client("billing", #"allow = [{ user = "bob" }]"#))
            #expect(try ask(rig, uid: BrokerRig.ann).status == 403)
            _ = try await rig.reload(rig.client("billing", #"allow = [{ user = "ann" }]"#))
            #expect(try ask(rig, uid: BrokerRig.ann).status == 200)
            #expect(rig.repeated == 1)
        }
    }

    @Test func `nor of a client that is gone`() async throws {
        try await withToken { (rig, _) async throws in
            _ = try await rig.reload(rig.client("sales"))
            #expect(try ask(rig).status == 403)
        }
    }

    @Test func `an event that is over begins anew`() async throws {
        try await withToken("default_lifetime = \"never\"") { (rig, _) async throws in
            for _ in 0..<3 {
                rig.advance(by: .seconds(1_500))
                _ = try await rig.ask(Self.target)
                _ = try ask(rig)
            }
            let events = try await rig.ask("/v1/events", on: .admin).document(EventsDocument.self).events
            #expect(events.filter { $0.event == "fetch" }.count > 1)
        }
    }
}
