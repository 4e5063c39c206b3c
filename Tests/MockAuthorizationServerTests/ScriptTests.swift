import NIOHTTP1
import Testing

@testable import MockAuthorizationServer

@Suite("Scripted behaviour")
struct ScriptTests {
    private let form = "grant_type=client_credentials"

    @Test("behaviours for some requests come first, then the standing one; the client's own before all clients'")
    func order() async throws {
        try await withServer { server in
            server.setBehaviour(.error("standing"))
            server.setBehaviour(.error("own"), for: "billing")
            server.setBehaviour(.error("twice"), times: 2)
            server.setBehaviour(.error("once"), for: "billing", times: 1)
            server.setBehaviour(.error("never"), times: 0)
            var seen: [String?] = []
            for _ in 1...4 { seen.append(try await Caller.post(form, to: server.tokenEndpoint)["error"]) }
            #expect(seen == ["once", "twice", "twice", "own"])
            #expect(try await Caller.post(form, to: server.tokenEndpoint, basic: "other:x")["error"] == "standing")
            #expect(try await Caller.post("token=x", to: server.url(.introspection)).status == 200)
            server.clearBehaviours()
            #expect(try await Caller.post(form, to: server.tokenEndpoint).status == 200)
        }
    }

    @Test("an answer is replaced whole or in part")
    func answers() async throws {
        try await withServer { server in
            server.setBehaviour(
                .answer(status: 502, body: "<html>", contentType: "text/html", headers: ["X-A": "b"]),
                times: 1
            )
            let page = try await Caller.post(form, to: server.tokenEndpoint)
            #expect(page.status == 502)
            #expect(page.text == "<html>")
            #expect(page.headers["Content-Type"] == ["text/html"])
            #expect(page.headers["X-A"] == ["b"])
            #expect(server.issuedTokens().isEmpty)

            server.setBehaviour(.error("slow_down", status: 429, retryAfter: "7"), times: 1)
            #expect(try await Caller.post(form, to: server.tokenEndpoint).headers["Retry-After"] == ["7"])

            var odd = Behaviour()
            odd.members = ["expires_in": "3600", "token_type": nil]
            odd.omit = ["scope"]
            odd.contentType = ""
            server.setBehaviour(odd, times: 1)
            let answer = try await Caller.post(form + "&scope=a", to: server.tokenEndpoint)
            #expect(answer["expires_in"] == "3600")
            #expect(answer.members["token_type"] == .null)
            #expect(answer.members["scope"] == nil)
            #expect(answer.headers["Content-Type"].isEmpty)

            var large = Behaviour()
            large.bodySize = 100_000
            server.setBehaviour(large, times: 1)
            #expect(try await Caller.post(form, to: server.tokenEndpoint).text.utf8.count == 100_000)

            server.setBehaviour(.lifetime(.seconds(5)), times: 1)
            #expect(try await Caller.post(form, to: server.tokenEndpoint).members["expires_in"] == 5)
        }
    }

    @Test("the same token is given while it lasts")
    func sameToken() async throws {
        let clock = ManualClock()
        try await withServer {
            $0.now = { clock.now() }
            $0.lifetime = .seconds(30)
        } _: { server in
            var same = Behaviour()
            same.sameToken = true
            server.setBehaviour(same)
            let first = try await Caller.post(form, to: server.tokenEndpoint)
            clock.advance(by: .seconds(10))
            let second = try await Caller.post(form, to: server.tokenEndpoint)
            #expect(second["access_token"] == first["access_token"])
            #expect(second.members["expires_in"] == 20)
            clock.advance(by: .seconds(20))
            #expect(try await Caller.post(form, to: server.tokenEndpoint)["access_token"] != first["access_token"])
        }
    }

    @Test("held requests are seen, counted and released in their order")
    func holding() async throws {
        try await withServer { server in
            server.setBehaviour(.held)
            let form = form
            try await withThrowingTaskGroup(of: String?.self) { calls in
                for number in 1...3 {
                    calls.addTask {
                        try await Caller.post(form, to: server.tokenEndpoint, basic: "c\(number):x")["access_token"]
                    }
                    #expect(try await server.nextRequest().clientID == "c\(number)")
                }
                let counters = server.counters()
                #expect(counters.held == 3)
                #expect(counters.total.inFlight == 3)
                #expect(server.issuedTokens().isEmpty)

                server.release(1)
                _ = try await calls.next()
                #expect(server.issuedTokens().map(\.clientID) == ["c1"])
                server.release()
                try await calls.waitForAll()
            }
            let counters = try await server.counters { $0.total.inFlight == 0 }
            #expect(counters.total.maximumInFlight == 3)
            #expect(counters.total.issued == 3)
            #expect(counters.client("c2").maximumInFlight == 1)
            #expect(counters.client("c2").grants == ["client_credentials": 1])
            #expect(counters.held == 0)
        }
    }

    @Test("requests are told in their order, to every listener, with their secrets hidden")
    func listening() async throws {
        try await withServer { server in
            var stream = server.requestsSeen().makeAsyncIterator()
            _ = try await Caller.post(
                form + "&client_id=a&client_secret=hunter2",
                to: server.tokenEndpoint,
                basic: nil
            )
            _ = try await Caller.post(form, to: server.tokenEndpoint, basic: "b:hunter2")
            let first = try await server.nextRequest()
            let second = try await server.nextRequest()
            #expect([first.clientID, second.clientID] == ["a", "b"])
            #expect(await stream.next()?.number == first.number)
            #expect(await stream.next()?.number == second.number)
            #expect(first.authentication == .clientSecretPost)
            #expect(second.authentication == .clientSecretBasic)
            #expect(first.secret?.exposed == "hunter2")
            #expect(second.secret?.exposed == "hunter2")
            #expect(first.parameter("client_secret") == "<secret>")
            #expect(!"\(first)".contains("hunter2"))
            #expect(!"\(second)".contains("hunter2"))
        }
    }

    @Test("a stopped server ends every wait")
    func stopping() async throws {
        let server = try await MockAuthorizationServer.start()
        server.setBehaviour(.held)
        let form = form
        let call = Task { try await Caller.post(form, to: server.tokenEndpoint) }
        _ = try await server.nextRequest()
        let request = Task { try await server.nextRequest() }
        let counters = Task { try await server.counters { $0.tokenRequests == 99 } }
        let stream = server.requestsSeen()
        await server.stop()
        await #expect(throws: (any Error).self) { try await call.value }
        await #expect(throws: CancellationError.self) { try await request.value }
        await #expect(throws: CancellationError.self) { try await counters.value }
        for await _ in stream { Issue.record("a request after the end") }
        #expect(server.counters().total.outcomes == ["abandoned": 1])
        #expect(server.counters().held == 0)
    }

    @Test("after an outage the server listens on the same port")
    func outage() async throws {
        try await withServer { server in
            let before = try await Caller.post(form, to: server.tokenEndpoint)
            await server.stopListening()
            #expect(server.counters().openConnections == 0)
            await #expect(throws: (any Error).self) {
                try await Caller.send(.GET, server.tokenEndpoint)
            }
            try await server.startListening()
            let after = try await Caller.post(form, to: server.tokenEndpoint)
            #expect(before.status == 200)
            #expect(after.status == 200)
            #expect(server.counters().tokenRequests == 2)
        }
    }
}
