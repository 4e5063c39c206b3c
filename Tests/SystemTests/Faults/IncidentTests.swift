import LocalAPI
import MockAuthorizationServer
import Testing

/// What befell the users of other programs, done to this one: a table in the README is made from what was seen.
@Suite("Incidents of others", .timeLimit(.minutes(5)))
struct IncidentTests {
    /// Short enough to wait for its end.
    private static let lifetime = Duration.seconds(4)

    private static let stalledClients = 30

    @Test("end here as the README says")
    func table() async throws {
        let stuck = try await MockAuthorizationServer.start()
        let live = try await MockAuthorizationServer.start()
        let gone = try await MockAuthorizationServer.start()
        gone.setLifetime(Self.lifetime)
        let room = try Room()
        for number in 0..<Self.stalledClients {
            try room.add(room.client("stuck-\(number)", at: stuck), as: "stuck-\(number)")
        }
        try room.configure(
            room.client("neighbour", at: live),
            room.client("refused", at: live),
            room.client("herd", at: live),
            room.client("emptied", at: live),
            room.client("outlived", at: gone, more: "refresh_at = 0.5")
        )
        let clocks = try ShiftedClocks(in: room)
        let (_, incidents) = try await withDaemon(in: room, environment: clocks.environment) { daemon in
            [
                try await stall(stuck, room),
                try await refusal(live, room),
                try await herd(live, room),
                try await emptied(live, room),
                try await outlived(gone, room),
                try await health(gone, room),
                try await storm(daemon, room),
                try await sleep(clocks, room),
            ]
        }
        try ReadmeSection(name: "incidents").expect(
            ["| Elsewhere | Tried here | Seen here |", "|---|---|---|"] + incidents.map(\.row)
        )
        for server in [stuck, live, gone] { await server.stop() }
    }

    private func stall(_ stuck: MockAuthorizationServer, _ room: Room) async throws -> Incident {
        let count = Self.stalledClients
        stuck.setBehaviour(.held)
        async let stalled = fetches(count, room) { "stuck-\($0)" }
        try await stuck.counters { $0.held == 8 }
        // The one more asks.
        try await room.metric("tokenbroker_connections") { $0 > Double(count) }
        let views = try await OperatorViews.read(room)
        let server = try #require(views.status.servers.first { stuck.tokenEndpoint.hasPrefix($0.origin) })
        let neighbours = try await fetches(200, room) { _ in "neighbour" }.count { $0.status == 200 }
        // All of that while nobody was answered there.
        let held = stuck.counters().held
        stuck.setBehaviour(.normal)
        stuck.release()
        let served = try await stalled.count { $0.status == 200 }
        #expect(held == 8 && server.inFlight == 8 && server.waiting == count - 8)
        #expect(stuck.counters().total.maximumInFlight == 8)
        #expect(neighbours == 200)
        #expect(served == count)
        return Incident(
            elsewhere: "one dead account blocks all others for minutes ("
                + "[oidc-agent #507](https://github.com/indigo-dc/oidc-agent/issues/507))",
            tried: "\(count) clients of a server that takes requests and answers none",
            seen: "\(held) requests under way there, \(server.waiting) waiting; meanwhile \(neighbours) of 200 callers "
                + "got another server's token; when it answered, \(served) of \(count) got theirs"
        )
    }

    private func refusal(_ live: MockAuthorizationServer, _ room: Room) async throws -> Incident {
        live.setBehaviour(.error("invalid_client", status: 401), for: "refused-id")
        var statuses: [Int] = []
        for _ in 0..<1_000 {
            statuses.append(try await SocketHTTP.get("/v1/token/refused", on: room.tokenSocket).status)
        }
        let requests = live.counters().client("refused-id").requests
        #expect(Set(statuses) == [502])
        #expect(requests == 1)
        try await mend("refused", at: live, room)
        return Incident(
            elsewhere: "1,700 denied renewals a second fill a disk ("
                + "[openbao #4011](https://github.com/openbao/openbao/issues/4011))",
            tried: "\(statuses.count) fetches in a row from a client that the server refuses",
            seen: "\(statuses.count { $0 == 502 }) times 502, by \(requests) token request"
        )
    }

    private func herd(_ live: MockAuthorizationServer, _ room: Room) async throws -> Incident {
        var refusal = Behaviour.error("invalid_client", status: 401)
        refusal.hold = true
        live.setBehaviour(refusal, for: "herd-id")
        async let herd = fetches(300, room) { _ in "herd" }
        try await live.counters { $0.held == 1 }
        try await room.metric("tokenbroker_connections") { $0 > 300 }
        live.release()
        let statuses = try await herd.map(\.status)
        let requests = live.counters().client("herd-id").requests
        #expect(statuses.count == 300 && Set(statuses) == [502])
        #expect(requests == 1)
        try await mend("herd", at: live, room)
        return Incident(
            elsewhere: "56,000 requests an hour, for each caller asks by itself ("
                + "[eks-pod-identity-agent #92](https://github.com/aws/eks-pod-identity-agent/issues/92))",
            tried: "\(statuses.count) callers at once, and the server refuses",
            seen: "\(statuses.count { $0 == 502 }) times 502, by \(requests) token request"
        )
    }

    private func emptied(_ live: MockAuthorizationServer, _ room: Room) async throws -> Incident {
        let before = try await SocketHTTP.get("/v1/token/emptied", on: room.tokenSocket).string("access_token")
        #expect(before != nil)
        let bodies = ["", "{}", #"{"access_token": "", "expires_in": 3600}"#]
        var kept = 0
        for body in bodies {
            live.setBehaviour(.answer(status: 200, body: body), for: "emptied-id")
            let refresh = try await SocketHTTP.post("/v1/clients/emptied/refresh", on: room.adminSocket)
            #expect(refresh.status == 503)
            let after = try await SocketHTTP.get("/v1/token/emptied", on: room.tokenSocket)
            if after.status == 200, after.string("access_token") == before { kept += 1 }
        }
        #expect(kept == bodies.count)
        try await mend("emptied", at: live, room)
        return Incident(
            elsewhere: "good credentials are overwritten with empty ones ([rolesanywhere-credential-helper #200]"
                + "(https://github.com/aws/rolesanywhere-credential-helper/issues/200))",
            tried: "\(bodies.count) refreshes that are answered 200 without a token",
            seen: "\(kept) of \(bodies.count) times callers go on getting the token of before"
        )
    }

    private func outlived(_ gone: MockAuthorizationServer, _ room: Room) async throws -> Incident {
        var answer = try await SocketHTTP.get("/v1/token/outlived", on: room.tokenSocket)
        #expect(answer.status == 200)
        await gone.stopListening()
        var overdue = 0
        while answer.status == 200 {
            if (answer.json["expires_in"] as? Int).map({ $0 < 1 }) ?? true { overdue += 1 }
            answer = try await SocketHTTP.get("/v1/token/outlived", on: room.tokenSocket)
        }
        let error = try #require(answer.string("error"))
        #expect(overdue == 0)
        #expect(answer.status == 503 && error == "temporarily_unavailable")
        return Incident(
            elsewhere: "expired tokens are served while the server is away ("
                + "[envoy #44674](https://github.com/envoyproxy/envoy/issues/44674))",
            tried: "callers without a pause, beyond the end of a token that could not be refreshed",
            seen: "\(overdue) tokens past their end; then \(answer.status) `\(error)`"
        )
    }

    private func health(_ gone: MockAuthorizationServer, _ room: Room) async throws -> Incident {
        let during = try await OperatorViews.read(room)
        during.checkAgreement()
        gone.setLifetime(.seconds(3_600))
        try await gone.startListening()
        try await Watch.state(.fresh, of: "outlived", in: room)
        let after = try await OperatorViews.read(room)
        after.checkAgreement()
        let states = try [during, after].map { try #require($0.state(inMetricsOf: "outlived")) }
        #expect(states == ["expired", "fresh"])
        #expect([during, after].map(\.ready.status) == [503, 200])
        return Incident(
            elsewhere:
                "metrics do not tell ([vault #26569](https://github.com/hashicorp/vault/issues/26569)), health is "
                + "green while dead ([spire #1562](https://github.com/spiffe/spire/issues/1562)), or red after it ("
                + "[teleport #64418](https://github.com/gravitational/teleport/issues/64418))",
            tried: "`/readyz` and `/metrics` with one client dead, and at its first token after",
            seen: "\(during.ready.status) and `\(states[0])`; \(after.ready.status) and `\(states[1])`"
        )
    }

    private func mend(_ client: String, at server: MockAuthorizationServer, _ room: Room) async throws {
        server.setBehaviour(.normal, for: "\(client)-id")
        #expect(try await Command.tokenctl("refresh", client, in: room).status == 0)
    }

    /// So many callers at once.
    private func fetches(
        _ count: Int,
        _ room: Room,
        client: @escaping @Sendable (Int) -> String
    ) async throws -> [SocketHTTP.Answer] {
        try await withThrowingTaskGroup(of: SocketHTTP.Answer.self) { group in
            for number in 0..<count {
                group.addTask {
                    try await SocketHTTP.get("/v1/token/\(client(number))?timeout=60", on: room.tokenSocket)
                }
            }
            var answers: [SocketHTTP.Answer] = []
            for try await answer in group { answers.append(answer) }
            return answers
        }
    }
}
