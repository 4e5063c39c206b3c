import LinuxHost
import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

@testable import Broker

/// What callers hear who are not allowed, or not for that.
@Suite(.timeLimit(.minutes(5))) struct CallerAccessTests {
    private static let allowAnn = #"allow = [{ user = "ann" }]"#

    @Test(arguments: ["/v1/token/", "/v1/watch/"])
    func `forbidden and unknown look alike on the token socket`(path: String) async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            let forbidden = try rig.answer(path + "billing", uid: BrokerRig.bob)
            let unknown = try rig.answer(path + "bollong", uid: BrokerRig.bob)
            #expect(forbidden.status == 403)
            #expect(try forbidden.error.error == "access_denied")
            #expect(forbidden.head == unknown.head)
            #expect(forbidden.body == unknown.body.replacing("bollong", with: "billing"))
            #expect(rig.server.counters().tokenRequests == 0)
        }
    }

    @Test(arguments: ["scope=admin", "audience=x", "resource=https://a.example", "min_ttl=1", "timeout=1"])
    func `no parameter tells them apart`(query: String) async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            let forbidden = try rig.answer("/v1/token/billing?\(query)", uid: BrokerRig.bob)
            let unknown = try rig.answer("/v1/token/bollong?\(query)", uid: BrokerRig.bob)
            #expect(forbidden.status == 403)
            #expect(forbidden.head == unknown.head)
            #expect(forbidden.body == unknown.body.replacing("bollong", with: "billing"))
        }
    }

    @Test func `nor does the form of a token endpoint`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            func ask(_ name: String) throws -> Answer {
                let form = "grant_type=client_credentials&client_id=\(name)"
                let pending = rig.begin("/oauth2/token", method: .post, uid: BrokerRig.bob, form: form)
                return try #require(try pending.now)
            }
            #expect(try ask("billing").status == 403)
            #expect(try ask("billing").head == ask("bollong").head)
            #expect(try ask("billing").body == ask("bollong").body.replacing("bollong", with: "billing"))
        }
    }

    @Test(arguments: ["%2e%2e", "a%00b", "%F0%9F%94%91", "billing%20", "BILLING", ".billing"])
    func `a name that no client can have is answered alike`(name: String) async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            let answer = try rig.answer("/v1/token/\(name)", uid: BrokerRig.bob)
            #expect(answer.status == 403 || answer.status == 400)
            #expect(try answer.error.error != "unknown_client")
        }
    }

    @Test func `a misconfigured client is not told to who may not use it`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn).replacing("billing.secret", with: "gone.secret"))
            #expect(try rig.answer("/v1/token/billing", uid: BrokerRig.bob).status == 403)
            #expect(try rig.answer("/v1/token/billing", uid: BrokerRig.ann).status == 502)
        }
    }

    @Test func `the admin socket knows unknown clients, and obeys the same rules`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            let unknown = try rig.answer("/v1/token/bollong", on: .admin)
            #expect(unknown.status == 404)
            #expect(try unknown.error.error == "unknown_client")
            // Root operates the broker, and still is not ann.
            #expect(try rig.answer("/v1/token/billing", on: .admin).status == 403)
            #expect(try rig.answer("/v1/clients/bollong", on: .admin).status == 404)
            let refresh = try #require(
                try rig.begin("/v1/clients/bollong/refresh", method: .post, on: .admin).now
            )
            #expect(refresh.status == 404)
        }
    }

    @Test func `a scope beyond the set is named only to who is allowed`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", #"scopes = ["read"]"# + "\n" + Self.allowAnn))
            let allowed = try rig.answer("/v1/token/billing?scope=read+admin", uid: BrokerRig.ann)
            #expect(allowed.status == 400)
            #expect(try allowed.error.error == "invalid_scope")
            #expect(try rig.answer("/v1/token/billing?scope=admin", uid: BrokerRig.bob).status == 403)
            #expect(rig.server.counters().tokenRequests == 0)
        }
    }

    @Test func `an entry's additions are for its own callers`() async throws {
        try await withBroker { rig in
            let allow = #"allow = [{ user = "ann" }, { user = "bob", scopes = ["admin"], audiences = ["x"] }]"#
            try rig.start(rig.client("billing", #"scopes = ["read"]"# + "\n" + allow))
            let query = "/v1/token/billing?scope=read+admin&audience=x"
            #expect(try rig.answer(query, uid: BrokerRig.ann).status == 400)
            #expect(try await rig.ask(query, uid: BrokerRig.bob).token.scope == "admin read")
            // What is cached for one is not for all.
            #expect(try rig.answer(query, uid: BrokerRig.ann).status == 400)
        }
    }

    @Test(arguments: [
        "/v1/status", "/v1/clients", "/v1/clients/billing", "/v1/token/billing", "/metrics", "/readyz", "/nonsense",
    ])
    func `who is no operator gets nothing on the admin socket`(path: String) async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            let answer = try rig.answer(path, uid: BrokerRig.ann, on: .admin)
            #expect(answer.status == 403)
            #expect(try answer.error.error == "access_denied")
        }
    }

    @Test func `operators are root, the daemon's user and the group's members`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            func status(_ uid: UInt32, _ groups: [UInt32] = []) throws -> Int? {
                try rig.begin("/v1/status", uid: uid, groups: groups, on: .admin).now?.status
            }
            #expect(try status(0) == 200)
            #expect(try status(BrokerRig.daemonUID) == 200)
            #expect(try status(BrokerRig.ann, [7, BrokerRig.operators]) == 200)
            #expect(try status(BrokerRig.ann, [7]) == 403)
            #expect(try status(BrokerRig.daemonUID + 1) == 403)
        }
    }

    @Test(arguments: ["/v1/status", "/metrics", "/readyz", "/v1/clients/billing"])
    func `the token socket has no operator's paths, not even for root`(path: String) async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            #expect(try rig.answer(path).status == 404)
        }
    }

    @Test func `callers see the clients that they may use`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn) + rig.client("sales", #"allow = [{ user = 1002 }]"#))
            func names(_ uid: UInt32) throws -> [String] {
                try rig.answer("/v1/clients", uid: uid).document(ClientsDocument.self).clients.map(\.client)
            }
            #expect(try names(BrokerRig.ann) == ["billing"])
            #expect(try names(BrokerRig.bob) == ["sales"])
            #expect(try names(0) == [])
        }
    }

    /// The index that finds them must lose none.
    @Test func `of many clients with rules of every kind, callers see just those that they may use`() async throws {
        try await withBroker { rig in
            var generator = SystemRandomNumberGenerator()
            let keys = [
                "user = \"ann\"", "user = 1002", "group = 7", "group = \"tokenbroker\"", "unit = \"a.service\"",
                "user = \"ann\", group = 7", "user = 1002, unit = \"a.service\"", "user = \"carol\"",
            ]
            let clients = (0..<60).map { index in
                let entries = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                    "{ \(keys.randomElement(using: &generator)!) }"
                }
                let allow = index.isMultiple(of: 7) ? "" : "allow = [\(entries.joined(separator: ", "))]"
                return rig.client("c\(index)", allow).replacing("c\(index).secret", with: "billing.secret")
            }
            try rig.start(clients.joined(separator: "\n"))
            for isCarolKnown in [false, true] {
                if isCarolKnown {
                    rig.users.set("carol", 1003)
                    rig.advance(by: .seconds(60))
                }
                for (uid, groups) in [(0, []), (1001, []), (1001, [7]), (1002, [7, 2000]), (1003, [2000]), (5, [7])]
                    as [(UInt32, [UInt32])]
                {
                    let peer = PeerIdentity(pid: 42, uid: uid, gid: uid, groups: groups)
                    let expected = rig.broker.directory.snapshot.inOrder.filter {
                        $0.accessPolicy.decide(peer, unit: .unknown(.processEnded)).isAllowed
                    }
                    let answer = try #require(try rig.begin("/v1/clients", uid: uid, groups: groups).now)
                    let seen = try answer.document(ClientsDocument.self).clients.map(\.client)
                    #expect(seen == expected.map(\.name.value))
                    #expect(uid == 5 || !seen.isEmpty || uid == 1003 && !isCarolKnown)
                }
            }
        }
    }

    @Test func `a user who is added later gets in within a minute`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", #"allow = [{ user = "carol" }]"#))
            #expect(try rig.answer("/v1/token/billing", uid: 1003).status == 403)
            rig.users.set("carol", 1003)
            rig.advance(by: .seconds(60))
            #expect(try await rig.ask("/v1/token/billing", uid: 1003).status == 200)
        }
    }

    @Test func `a reload looks every name up anew`() async throws {
        try await withBroker { rig in
            let text = rig.client("billing", #"allow = [{ user = "ann" }, { user = "carol" }]"#)
            try rig.start(text)
            #expect(try await rig.ask("/v1/token/billing", uid: BrokerRig.ann).status == 200)
            rig.users.set("carol", 1003)
            // Removed and added again: the old number may be someone else's by now.
            rig.users.set("ann", 1004)
            let difference = try await rig.reload(text).document(ReloadDocument.self)
            #expect(difference.unchanged == 1)
            #expect(try rig.answer("/v1/token/billing", uid: 1003).status == 200)
            #expect(try rig.answer("/v1/token/billing", uid: 1004).status == 200)
            #expect(try rig.answer("/v1/token/billing", uid: BrokerRig.ann).status == 403)
        }
    }
}
