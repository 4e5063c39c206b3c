import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing
import TokenStore

@testable import Broker

/// What becomes of a token that callers were refused with, through the whole broker.
@Suite(.timeLimit(.minutes(5))) struct RejectionTests {
    @Test func `a hundred callers at once have it replaced once, and it serves until then`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let token = try await rig.fetched()
            rig.server.setBehaviour(.held)
            for _ in 0..<100 {
                let answer = try rig.reject(token)
                #expect(answer.status == 202)
                #expect(answer.body == #"{"client":"billing","format_version":1,"refreshing":true}"# + "\n")
                #expect(try rig.cached() == token)
            }
            try await rig.server.counters { $0.held == 1 }
            rig.server.release()
            try await rig.until { try rig.report().state == .fresh }
            let next = try rig.cached()
            #expect(next != token && rig.server.isActive(next))
            // What comes late is of the old one.
            #expect(try !rig.isRefreshing(rejecting: token))
            #expect(rig.server.counters().tokenRequests == 2)
            #expect(try rig.rejections("refreshing") == 1)
            #expect(try rig.rejections("already_under_way") == 99)
            #expect(try rig.rejections("not_current") == 1)
        }
    }

    @Test func `reports that never cease make one request a minute`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            var token = try await rig.fetched()
            for minute in 0..<3 {
                #expect(try rig.isRefreshing(rejecting: token))
                try await rig.until { try rig.report().state == .fresh }
                let next = try rig.cached()
                #expect(next != token)
                token = next
                for _ in 0..<60 {
                    #expect(try !rig.isRefreshing(rejecting: token))
                    rig.advance(by: .milliseconds(990))
                }
                #expect(rig.server.counters().tokenRequests == 2 + minute)
                rig.advance(by: .seconds(1))
            }
            #expect(try rig.rejections("too_soon") == 180)
        }
    }

    @Test func `a caller has six replaced an hour, of all clients together, and others have their own six`()
        async throws
    {
        try await withBroker { rig in
            let allow = "allow = [{ user = 1001 }, { user = 1002 }]"
            try rig.start(rig.client("billing", allow) + rig.client("sales", allow))
            func rejectCached(_ name: String, uid: UInt32) async throws -> Answer {
                let token = try await rig.ask("/v1/token/\(name)", uid: uid).token.accessToken
                rig.advance(by: .seconds(60))
                let answer = try rig.reject(token, of: name, uid: uid)
                try await rig.until { !rig.isAskingServer }
                return answer
            }
            for number in 0..<6 {
                let name = number.isMultiple(of: 2) ? "billing" : "sales"
                #expect(try await rejectCached(name, uid: BrokerRig.ann).status == 202)
            }
            let requests = rig.server.counters().tokenRequests
            #expect(requests == 8)
            for name in ["billing", "sales"] {
                let refused = try await rejectCached(name, uid: BrokerRig.ann)
                #expect(refused.status == 429)
                let error = try refused.error
                #expect(error.error == "too_many_requests" && error.client == name && error.remedy != nil)
                #expect(refused.header("Retry-After") == error.retryAfter.map(String.init))
                #expect((3_000...3_300).contains(try #require(error.retryAfter)))
            }
            #expect(rig.server.counters().tokenRequests == requests)
            #expect(try await rejectCached("billing", uid: BrokerRig.bob).status == 202)
            #expect(rig.server.counters().tokenRequests == requests + 1)
            // What asks for nothing needs no leave.
            #expect(try !rig.isRefreshing(rejecting: "another", uid: BrokerRig.ann))
            #expect(try rig.rejections("caller_limit") == 1)
            rig.advance(by: .seconds(3_300))
            try await rig.until { !rig.isAskingServer }
            #expect(try await rejectCached("sales", uid: BrokerRig.ann).status == 202)
        }
    }

    @Test func `the same token back is the end of it until it expires`() async throws {
        try await withBroker { rig in
            var stubborn = Behaviour()
            stubborn.sameToken = true
            rig.server.setBehaviour(stubborn)
            try rig.start(rig.client())
            let token = try await rig.fetched()
            #expect(try rig.isRefreshing(rejecting: token))
            try await rig.until { try rig.report().state == .fresh }
            #expect(try rig.cached() == token)
            for _ in 0..<20 {
                rig.advance(by: .seconds(120))
                #expect(try !rig.isRefreshing(rejecting: token))
            }
            #expect(rig.server.counters().tokenRequests == 2)
            #expect(try rig.rejections("same_token_again") == 20)
            // Expired, and another one came.
            rig.advance(by: .seconds(1_300))
            let next = try await rig.fetched()
            #expect(next != token)
            let requests = rig.server.counters().tokenRequests
            #expect(try rig.isRefreshing(rejecting: next))
            try await rig.until { !rig.isAskingServer }
            #expect(rig.server.counters().tokenRequests == requests + 1)
        }
    }

    @Test func `another client's token, an old one and none at all are answered alike, and ask for nothing`()
        async throws
    {
        try await withBroker { rig in
            try rig.start(rig.client("billing") + rig.client("sales"))
            let nothing = try rig.reject("never issued")
            let old = try await rig.fetched()
            _ = try await rig.refreshed()
            let other = try await rig.ask("/v1/token/sales").token.accessToken
            rig.advance(by: .seconds(61))
            let requests = rig.server.counters().tokenRequests
            for token in [old, other, "never issued"] {
                let answer = try rig.reject(token)
                #expect(answer.status == 202 && answer.head == nothing.head && answer.body == nothing.body)
            }
            #expect(rig.server.counters().tokenRequests == requests)
            #expect(try rig.report().slots.count == 1)
        }
    }

    @Test func `a failing server is left to its backoff, and retried as if nobody had reported`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let token = try await rig.fetched()
            rig.server.setBehaviour(.answer(status: 429, body: "", headers: ["Retry-After": "600"]))
            #expect(try rig.isRefreshing(rejecting: token))
            try await rig.until { try rig.report().state == .retrying }
            for _ in 0..<590 {
                #expect(try !rig.isRefreshing(rejecting: token))
                #expect(try rig.cached() == token)
                rig.advance(by: .seconds(1))
            }
            #expect(rig.server.counters().tokenRequests == 2)
            #expect(try rig.rejections("server_left_alone") == 590)
            rig.server.clearBehaviours()
            rig.advance(by: .seconds(15))
            try await rig.until { try rig.report().state == .fresh }
            #expect(try rig.cached() != token)
            #expect(rig.server.counters().tokenRequests == 3)
        }
    }

    @Test func `a server that wants to be left alone by another client is not asked`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing") + rig.client("sales"))
            let token = try await rig.fetched()
            rig.server.setBehaviour(.answer(status: 429, body: "", headers: ["Retry-After": "600"]), times: 1)
            #expect(try await rig.ask("/v1/token/sales").status == 503)
            let requests = rig.server.counters().tokenRequests
            #expect(try rig.isRefreshing(rejecting: token))
            try await rig.until { try rig.report().state == .retrying }
            rig.advance(by: .seconds(590))
            #expect(rig.server.counters().tokenRequests == requests)
            #expect(try rig.cached() == token)
        }
    }

    @Test func `a rotating grant is presented in its turn, once`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            let token = try await rig.fetched()
            rig.server.setBehaviour(.held, times: 1)
            for _ in 0..<100 { #expect(try rig.isRefreshing(rejecting: token)) }
            try await rig.server.counters { $0.held == 1 }
            #expect(try rig.isRefreshing(rejecting: token))
            rig.server.release()
            try await rig.until { try rig.report().state == .fresh }
            #expect(rig.judgements == [.current, .current])
            #expect(try rig.held.grant.sequence == 3)
            #expect(try rig.cached() != token)
        }
    }

    @Test func `a refused grant is not presented on a caller's word`() async throws {
        try await withBroker { rig in
            try rig.start(rig.loggedIn())
            let token = try await rig.fetched()
            rig.server.setBehaviour(.error("invalid_grant", status: 400), times: 1)
            #expect(try rig.isRefreshing(rejecting: token))
            try await rig.until { try rig.report().state == .loginRequired }
            let requests = rig.server.counters().tokenRequests
            for _ in 0..<10 {
                rig.advance(by: .seconds(61))
                #expect(try !rig.isRefreshing(rejecting: token))
            }
            #expect(rig.server.counters().tokenRequests == requests)
            #expect(try rig.cached() == token)
        }
    }

    @Test func `watchers see the new token`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client())
            let token = try await rig.fetched()
            let watcher = rig.begin("/v1/watch/billing")
            #expect(try await watcher.event()?.state == .fresh)
            #expect(try rig.isRefreshing(rejecting: token))
            let refreshing = try await watcher.event()
            #expect(refreshing?.state == .refreshing && refreshing?.serving == true)
            let next = try await watcher.event()
            #expect(next?.event == .token && next?.state == .fresh)
        }
    }

    @Test func `the log says who had it replaced, never the token, and is not filled by who had not`() async throws {
        try await withBroker { rig in
            try rig.start(rig.client("billing", "allow = [{ user = 1001 }]"))
            let token = try await rig.fetched(uid: BrokerRig.ann)
            #expect(try rig.isRefreshing(rejecting: token, uid: BrokerRig.ann))
            try await rig.until { try rig.report().state == .fresh }
            let lines = rig.log.lines(with: "reports its token as refused")
            #expect(lines.count == 1)
            #expect(lines.first?.contains("caller_pid=42 caller_uid=1001 client=billing") == true)
            // Each kind of what does not act is told once, and counted then.
            _ = try rig.reject("hunter2", uid: BrokerRig.ann)
            _ = try rig.reject(token, uid: BrokerRig.bob)
            let count = rig.log.lines.count
            for _ in 0..<1_000 {
                _ = try rig.reject("hunter2", uid: BrokerRig.ann)
                _ = try rig.reject(token, uid: BrokerRig.bob)
                _ = try rig.post(#"{"access_token":["hunter2"]}"#, to: "/v1/token/billing/rejected", uid: BrokerRig.bob)
            }
            #expect(rig.log.lines.count == count)
            #expect(rig.log.lines(with: token) == [] && rig.log.lines(with: "hunter2") == [])
        }
    }
}
