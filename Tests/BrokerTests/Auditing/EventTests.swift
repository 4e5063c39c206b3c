import LocalAPI
import LocalServer
import MockAuthorizationServer
import Testing

@testable import Broker

@Suite(.timeLimit(.minutes(5))) struct EventTests {
    private static let allowAnn =
        #"scopes = ["read"]"# + "\n" + #"allow = [{ user = "bob", scopes = ["x"] }, { user = "ann" }]"#

    private func events(_ rig: BrokerRig, since: Int = 0) async throws -> [AuditEvent] {
        try await rig.ask("/v1/events?since=\(since)", on: .admin).document(EventsDocument.self).events
            .filter { $0.event != "command" }
    }

    @Test func `a fetch is an event that says who, what, by which rule and which token`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            let token = try await rig.ask("/v1/token/billing", uid: BrokerRig.ann).token
            let event = try #require(try await events(rig).first)
            #expect(event.event == "fetch")
            #expect(event.allowed)
            #expect(event.reason == "rule")
            #expect(event.rule == 2)
            #expect(event.outcome == "served")
            #expect(event.client == "billing")
            #expect(event.scope == "read")
            #expect(event.caller.uid == BrokerRig.ann)
            #expect(event.caller.pid == 42)
            #expect(event.socket == "token")
            #expect(event.token?.count == 16)
            #expect(rig.log.lines.allSatisfy { !$0.contains(token.accessToken) })
            let line = try #require(rig.log.lines(with: "A caller got a token").first)
            for part in ["client=billing", "caller_uid=1001", "reason=rule", "rule=2", "token=\(event.token!)"] {
                #expect(line.contains(part))
            }
        }
    }

    @Test func `repeats are counted and logged once, on one connection and on many`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            _ = try await rig.ask("/v1/token/billing", uid: BrokerRig.ann)
            for _ in 0..<100 { _ = try rig.answer("/v1/token/billing", uid: BrokerRig.ann) }
            for _ in 0..<100 { _ = try rig.answer("/v1/token/billing", uid: BrokerRig.ann, connection: 70_000) }
            let all = try await events(rig)
            #expect(all.map(\.count) == [201])
            #expect(rig.log.lines(with: "A caller got a token").count == 1)
            // The next token is another event.
            rig.advance(by: .seconds(2_700))
            try await rig.until { try rig.answer("/v1/token/billing", uid: BrokerRig.ann).token.expiresIn == 3_600 }
            _ = try rig.answer("/v1/token/billing", uid: BrokerRig.ann, connection: 70_000)
            let later = try await events(rig)
            #expect(later.count == 2)
            #expect(later[0].token != later[1].token)
        }
    }

    @Test func `after an hour the count is logged, and the next is another event`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            for _ in 0..<5 { _ = try rig.answer("/v1/token/billing", uid: 4_711, connection: 70_000) }
            rig.advance(by: AuditTrail.window + .seconds(60))
            #expect(rig.log.lines(with: "It came again").filter { $0.contains("count=5") }.count == 1)
            _ = try rig.answer("/v1/token/billing", uid: 4_711, connection: 70_000)
            #expect(try await events(rig).map(\.count) == [5, 1])
        }
    }

    @Test(arguments: [
        ("/v1/token/billing", "fetch", "no_rule_matches"), ("/v1/token/nobody", "fetch", "unknown_client"),
        ("/v1/watch/billing", "watch", "no_rule_matches"), ("/v1/watch/nobody", "watch", "unknown_client"),
    ])
    func `a refusal says why, to the operator alone`(path: String, kind: String, reason: String) async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            let answer = try rig.answer(path, uid: 4_711)
            #expect(answer.status == 403)
            #expect(!answer.body.contains(reason))
            let event = try #require(try await events(rig).first)
            #expect(event.event == kind)
            #expect(!event.allowed)
            #expect(event.reason == reason)
            #expect(event.outcome == nil)
            #expect(rig.log.lines(with: "reason=\(reason)").allSatisfy { $0.hasPrefix("notice") })
        }
    }

    @Test func `a scope that is not allowed is an event with what was asked for`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            #expect(try rig.answer("/v1/token/billing?scope=x", uid: BrokerRig.ann).status == 400)
            let event = try #require(try await events(rig).first)
            #expect(!event.allowed)
            #expect(event.reason == "scope_not_allowed")
            #expect(event.scope == "x")
        }
    }

    @Test func `an allowed caller that gets nothing is told apart`() async throws {
        try await withBroker { rig in
            rig.server.setBehaviour(.error("invalid_client", status: 401))
            try rig.start(rig.client("billing", Self.allowAnn))
            #expect(try await rig.ask("/v1/token/billing", uid: BrokerRig.ann).status == 502)
            let event = try #require(try await events(rig).first)
            #expect(event.allowed)
            #expect(event.outcome == "client_misconfigured")
            #expect(event.token == nil)
            #expect(rig.log.lines(with: "A caller got no token").count == 1)
        }
    }

    @Test func `a caller that was allowed and hung up is an event too`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            rig.hangUp(rig.begin("/v1/token/billing", uid: BrokerRig.ann))
            let event = try #require(try await events(rig).first)
            #expect(event.allowed)
            #expect(event.outcome == "hung_up")
        }
    }

    @Test func `a token in the place of a name is in no event and no log`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            let token = try await rig.ask("/v1/token/billing", uid: BrokerRig.ann).token.accessToken
            #expect(try rig.answer("/v1/token/\(token)", uid: 4_711).status == 403)
            let event = try #require(try await events(rig).last)
            #expect(event.reason == "unknown_client")
            #expect(event.client?.contains(token.prefix(24)) == false)
            #expect(rig.log.lines.allSatisfy { !$0.contains(token.prefix(24)) })
        }
    }

    @Test func `a long name fills nothing`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            _ = try rig.answer("/v1/token/\(String(repeating: "a%20", count: 1_000))", uid: 4_711)
            #expect(try await events(rig).first?.client == String(repeating: "a ", count: 32) + "…")
        }
    }

    @Test func `long resources fill neither the memory nor a follower's stream`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            for index in 0..<64 {
                // Each quote is two bytes of a document.
                let words = (0..<16).map { "resource=\(index)-\($0)-\(String(repeating: "%22", count: 250))" }
                let path = "/v1/token/billing?scope=x\(index)&\(words.joined(separator: "&"))"
                #expect(try rig.answer(path, uid: BrokerRig.ann).status == 400)
            }
            let event = try #require(try await events(rig).first)
            #expect((event.resource ?? []).reduce(0) { $0 + $1.utf8.count } < 300)
            let follower = rig.begin("/v1/events?follow=true", on: .admin)
            let piece = try #require(try await follower.line())
            #expect(piece.utf8.count < ServerLimits().pendingBytes)
        }
    }

    @Test func `an operator's commands are recorded with who gave them`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            _ = try await rig.begin("/v1/clients/billing/refresh", method: .post, uid: 900, on: .admin).answer()
            _ = try rig.begin("/v1/status", uid: 5, groups: [BrokerRig.operators], on: .admin).now
            _ = try rig.begin("/v1/status", uid: 5, on: .admin).now
            let document = try await rig.ask("/v1/events", on: .admin).document(EventsDocument.self)
            let commands = document.events.filter { $0.event == "command" }
            #expect(commands.map(\.command) == ["refresh", "status", "any", "events"])
            #expect(commands.map(\.reason) == ["daemon_user", "admin_group", "no_operator", "root"])
            #expect(commands.map(\.allowed) == [true, true, false, true])
            #expect(commands.map(\.caller.uid) == [900, 5, 5, 0])
            #expect(commands[0].client == "billing")
            #expect(document.last == commands.last?.sequence)
            #expect(document.forgotten == 0)
            #expect(rig.log.lines(with: "An operator gave a command").first?.hasPrefix("notice") == true)
        }
    }

    @Test func `who follows hears what was, and each that comes, until it is no operator any more`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            _ = try rig.answer("/v1/token/nobody", uid: 4_711)
            let follower = rig.begin("/v1/events?follow=true", on: .admin)
            func next() async throws -> AuditEvent? {
                while let line = try await follower.line() {
                    for piece in line.split(separator: "\n") {
                        return try DocumentCoding.decode(AuditEvent.self, from: Array(piece.utf8))
                    }
                }
                return nil
            }
            #expect(try await next()?.client == "nobody")
            _ = try rig.answer("/v1/token/other", uid: 4_711)
            var clients: [String?] = []
            while clients.last != "other" { clients.append(try await next()?.client) }
            #expect(clients.last == "other")
        }
    }

    @Test func `a flood of one user leaves the others' events, and room in the log`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            _ = try await rig.ask("/v1/token/billing", uid: BrokerRig.ann)
            for index in 0..<AuditTrail.capacity + 1_000 { _ = try rig.answer("/v1/token/x\(index)", uid: 4_711) }
            let all = try await events(rig)
            #expect(all.count <= AuditTrail.capacity)
            #expect(all.contains { $0.caller.uid == BrokerRig.ann })
            #expect(rig.log.lines(with: "A caller was refused a token").count == LogAllowance.burst)
            rig.advance(by: .seconds(60))
            #expect(rig.log.lines(with: "too many to be logged").count == 1)
        }
    }
}
