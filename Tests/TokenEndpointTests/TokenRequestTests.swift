import MockAuthorizationServer
import OAuth2
import Testing
import TokenEndpoint

@Suite("Token requests on the wire")
struct TokenRequestTests {
    @Test("a request goes out as it was written and brings a token", arguments: [true, false])
    func grant(basic: Bool) async throws {
        try await withWire { wire, server in
            let response = try await wire.send(to: server.tokenEndpoint, basic: basic).get()
            #expect(server.isActive(response.accessToken.exposed()))
            #expect(response.expiresIn == .seconds(3600))
            #expect(response.scope == ScopeSet(["read"]))

            let seen = try await server.nextRequest()
            #expect(seen.clientID == "billing")
            #expect(seen.secret?.exposed == Wire.secret)
            #expect(seen.authentication == (basic ? .clientSecretBasic : .clientSecretPost))
            #expect(seen.parameter("scope") == "read")
            #expect(seen.header("User-Agent") == "tokenbroker/1.2.3")
            #expect(seen.header("Accept") == "application/json")
            #expect(seen.header("Content-Type") == "application/x-www-form-urlencoded")
            #expect(seen.header("Cookie") == nil)
            #expect(server.counters().tokenRequests == 1)
        }
    }

    @Test("the query of the endpoint is kept")
    func query() async throws {
        try await withWire { wire, server in
            _ = try await wire.send(to: server.tokenEndpoint + "?tenant=a%20b&x").get()
            #expect(try await server.nextRequest().query == "tenant=a%20b&x")
        }
    }

    @Test("cookies are not kept")
    func cookies() async throws {
        try await withWire { wire, server in
            var behaviour = Behaviour()
            behaviour.headers = ["Set-Cookie": "session=1"]
            server.setBehaviour(behaviour)
            for _ in 1...2 { _ = try await wire.send(to: server.tokenEndpoint).get() }
            #expect(server.requests().allSatisfy { $0.header("Cookie") == nil })
        }
    }

    @Test(
        "what the server says is read, its words and Retry-After included",
        arguments: [
            (Behaviour.error("invalid_client", status: 401), FailureClass.configuration, Duration?.none),
            (.error("slow", status: 429, retryAfter: "7"), .transient, .seconds(7)),
            (
                // 30 s after the time of `ManualClock`.
                .answer(status: 503, body: "", headers: ["Retry-After": "Fri, 15 Jan 2027 08:00:30 GMT"]),
                .transient, .seconds(30)
            ),
            (.answer(status: 404, body: ""), .endpointMisconfigured, nil),
        ]
    )
    func refusals(behaviour: Behaviour, failureClass: FailureClass, retryAfter: Duration?) async throws {
        try await withWire { wire, server in
            server.setBehaviour(behaviour)
            let failure = try #require(try await wire.failure(to: server.tokenEndpoint))
            #expect(failure.failureClass == failureClass)
            #expect(failure.retryAfter == retryAfter)
            #expect(failure.transport == nil)
        }
    }

    @Test("a server that repeats the secret does not bring it into our words")
    func repeatedSecret() async throws {
        try await withWire { wire, server in
            server.setBehaviour(.error("invalid_client", description: "no client billing with \(Wire.secret)"))
            let failure = try #require(try await wire.failure(to: server.tokenEndpoint))
            #expect(failure.serverWords?.hasPrefix("no client billing with") == true)
            #expect(!"\(failure)".contains(Wire.secret))
        }
    }

    @Test("a redirect is not followed, whatever its status", arguments: [301, 302, 303, 307, 308])
    func redirect(status: Int) async throws {
        try await withWire { wire, server in
            let target = try await MockAuthorizationServer.start()
            server.setBehaviour(.answer(status: status, body: "", headers: ["Location": target.tokenEndpoint]))
            let failure = try #require(try await wire.failure(to: server.tokenEndpoint))
            #expect(failure.failureClass == .endpointMisconfigured)
            #expect(failure.serverStatus == status)
            #expect(target.counters().connections == 0)
            await target.stop()
        }
    }

    @Test("requests that follow each other share a connection")
    func pooling() async throws {
        try await withWire { wire, server in
            // A busy machine may ask before the library has taken the connection back.
            for _ in 1...10 { _ = try await wire.send(to: server.tokenEndpoint).get() }
            #expect(server.counters().connections < 10)
        }
    }

    @Test("a connection that the server closed meanwhile costs no request")
    func staleConnection() async throws {
        try await withWire { wire, server in
            server.setBehaviour(.fault(.closeAfterAnswer), times: 1)
            _ = try await wire.send(to: server.tokenEndpoint).get()
            try await server.counters { $0.openConnections == 0 }
            _ = try await wire.send(to: server.tokenEndpoint).get()
            #expect(server.counters().tokenRequests == 2)
            #expect(server.counters().connections == 2)
        }
    }

    @Test("a request that races with the server's close is sent once at most, and never lost in silence")
    func closeRace() async throws {
        try await withWire { wire, server in
            server.setBehaviour(.fault(.closeAfterAnswer))
            var granted = 0
            for number in 1...200 {
                switch try await wire.send(to: server.tokenEndpoint, scope: "n\(number)") {
                case .success: granted += 1
                case .failure(let failure): #expect(failure.transport == .resetAfterSending)
                }
            }
            #expect(granted > 0)
            let scopes = server.requests().map { $0.parameter("scope") }
            #expect(Set(scopes).count == scopes.count)
            #expect(server.issuedTokens().count == granted)
        }
    }

    @Test("a cancelled request ends at once and is not sent again")
    func cancellation() async throws {
        try await withWire { wire, server in
            server.setBehaviour(.held)
            let endpoint = server.tokenEndpoint
            let sending = Task { try await wire.failure(to: endpoint) }
            _ = try await server.nextRequest()
            sending.cancel()
            #expect(try await sending.value?.transport == .resetAfterSending)
            #expect(server.counters().tokenRequests == 1)
        }
    }

    @Test("after the shutdown nothing is sent")
    func shutdown() async throws {
        try await withWire { wire, server in
            await wire.client.shutdown()
            let failure = try await wire.failure(to: server.tokenEndpoint)
            #expect(failure?.transport == .resetBeforeSending)
            #expect(server.counters().connections == 0)
        }
    }
}
