import LocalAPI
import MockAuthorizationServer
import Testing

@testable import Broker

/// Who may report a token, and what that tells.
@Suite(.timeLimit(.minutes(5))) struct RejectionAccessTests {
    private static let allowAnn = #"allow = [{ user = "ann" }]"#

    @Test func `who may not use the client hears what it would of one that is not there, and forces nothing`()
        async throws
    {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            let token = try await rig.fetched(uid: BrokerRig.ann)
            let fetch = try rig.answer("/v1/token/billing", uid: BrokerRig.bob)
            for _ in 0..<100 {
                let forbidden = try rig.reject(token, uid: BrokerRig.bob)
                let unknown = try rig.reject(token, of: "bollong", uid: BrokerRig.bob)
                #expect(forbidden.status == 403)
                #expect(forbidden.head == unknown.head)
                #expect(forbidden.body == unknown.body.replacing("bollong", with: "billing"))
                // As when it asks for the token.
                #expect(forbidden.head == fetch.head && forbidden.body == fetch.body)
            }
            #expect(try rig.report().state == .fresh)
            #expect(rig.server.counters().tokenRequests == 1)
            // Nor did it spend what others may.
            #expect(try rig.isRefreshing(rejecting: token, uid: BrokerRig.ann))
        }
    }

    @Test(
        arguments: [
            "", "{}", "[]", "null", "not json", #"{"access_token":7}"#, #"{"access_token":null}"#,
            #"{"access_token":""}"#, #"{"token":"a"}"#, #"{"access_token":["a"]}"#,
        ]
    )
    func `a malformed report is malformed to who may use the client, and read for nobody else`(body: String)
        async throws
    {
        try await withBroker { rig in
            try rig.start(rig.client("billing", Self.allowAnn))
            let path = "/v1/token/billing/rejected"
            let allowed = try rig.post(body, to: path, uid: BrokerRig.ann)
            let forbidden = try rig.post(body, to: path, uid: BrokerRig.bob)
            let unknown = try rig.post(body, to: "/v1/token/bollong/rejected", uid: BrokerRig.bob)
            #expect(allowed.status == 400)
            #expect(try allowed.error.error == "invalid_request")
            #expect(forbidden.status == 403)
            #expect(forbidden.head == unknown.head)
            #expect(forbidden.body == unknown.body.replacing("bollong", with: "billing"))
            #expect(rig.server.counters().tokenRequests == 0)
        }
    }

    @Test func `the token of a scope that the caller may not ask for is none of its own`() async throws {
        try await withBroker { rig in
            let allow = #"allow = [{ user = "ann" }, { user = "bob", scopes = ["admin"] }]"#
            try rig.start(rig.client("billing", #"scopes = ["read"]"# + "\n" + allow))
            let token = try await rig.fetched("?scope=admin", uid: BrokerRig.bob)
            let guess = try rig.reject("guess", uid: BrokerRig.ann)
            let stolen = try rig.reject(token, uid: BrokerRig.ann)
            #expect(stolen.head == guess.head && stolen.body == guess.body)
            #expect(rig.server.counters().tokenRequests == 1)
            // The slot is found by the token alone.
            #expect(try rig.isRefreshing(rejecting: token, uid: BrokerRig.bob))
            try await rig.until { !rig.isAskingServer }
            #expect(rig.server.counters().tokenRequests == 2)
            #expect(try rig.cached("?scope=admin", uid: BrokerRig.bob) != token)
        }
    }

    @Test func `a token that several slots have is asked for once a report`() async throws {
        try await withBroker { rig in
            // One that does not look at scopes.
            rig.server.setBehaviour(.answer(status: 200, body: #"{"access_token":"one","token_type":"Bearer"}"#))
            try rig.start(rig.client("billing", #"scopes = ["a", "b", "c"]"#))
            for scope in ["a", "b", "c"] { _ = try await rig.fetched("?scope=\(scope)") }
            rig.server.setBehaviour(.held)
            for _ in 0..<20 { #expect(try rig.isRefreshing(rejecting: "one")) }
            try await rig.server.counters { $0.held == 1 }
            rig.advance(by: .seconds(1))
            #expect(rig.server.counters().tokenRequests == 4)
            rig.server.release()
        }
    }

    @Test func `the admin socket takes reports by the same rules, of operators`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing") + rig.client("sales", Self.allowAnn))
            let token = try await rig.fetched()
            let unknown = try rig.reject(token, of: "bollong", on: .admin)
            #expect(unknown.status == 404)
            #expect(try unknown.error.error == "unknown_client")
            // Root operates the broker, and still is not ann.
            #expect(try rig.reject(token, of: "sales", on: .admin).status == 403)
            #expect(try rig.reject(token, uid: BrokerRig.ann, on: .admin).status == 403)
            #expect(try rig.reject(token, on: .admin).status == 202)
            try await rig.until { !rig.isAskingServer }
            #expect(rig.server.counters().tokenRequests == 2)
        }
    }

    @Test func `a reload of the client's rules leaves what a caller spent`() async throws {
        try await withBroker { rig in
            let text = rig.client("billing", "allow = [{ user = 1001 }]")
            try rig.start(text)
            for _ in 0..<6 {
                let token = try await rig.fetched(uid: BrokerRig.ann)
                rig.advance(by: .seconds(60))
                #expect(try rig.isRefreshing(rejecting: token, uid: BrokerRig.ann))
                try await rig.until { !rig.isAskingServer }
            }
            for more in ["", "refresh_at = 0.5\n"] {
                _ = try await rig.reload(rig.client("billing", more + "allow = [{ user = 1001 }, { user = 1002 }]"))
                rig.advance(by: .seconds(60))
                #expect(try rig.reject(rig.cached(uid: BrokerRig.ann), uid: BrokerRig.ann).status == 429)
            }
        }
    }
}
