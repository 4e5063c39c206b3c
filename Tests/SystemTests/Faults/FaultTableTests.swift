import LocalAPI
import MockAuthorizationServer
import TestNetwork
import Testing

/// One daemon, and for each fault a client that has no token yet and one that has: what was seen of them is the table
/// in the README.
@Suite("Faults of an authorization server", .timeLimit(.minutes(5)))
struct FaultTableTests {
    /// A fault and whom it befalls.
    private struct Trial: Sendable {
        let fault: FaultCase
        let cold: StagedFault
        let warm: StagedFault?

        var staged: [StagedFault] { [cold, warm].compactMap(\.self) }
    }

    /// What callers heard while a fault lasted.
    private struct Heard: Sendable {
        let cold: SocketHTTP.Answer
        let warm: SocketHTTP.Answer?
    }

    @Test("are answered, shown and overcome as the README says")
    func table() async throws {
        try await withAuthority { authority in
            try await withAuthority { foreign in
                let elsewhere = try await MockAuthorizationServer.start()
                let shared = try await MockAuthorizationServer.start()
                let room = try Room()
                let stage = try await FaultStage(room: room, shared: shared, authority: authority, foreign: foreign)
                let trials = try await trials(FaultCase.all(elsewhere: elsewhere.tokenEndpoint), stage)
                // Its budget is another test's.
                try room.configure(
                    """
                    [servers."http://127.0.0.1:\(shared.port)"]
                    requests_per_second = 10000
                    concurrent = 256
                    """
                )
                // For where no resolver answers.
                let environment = ["RES_OPTIONS": "timeout:1 attempts:1"]
                let (_, observations) = try await withDaemon(in: room, environment: environment) { _ in
                    try await observe(trials, in: room)
                }
                #expect(elsewhere.counters().connections == 0)
                for (trial, seen) in zip(trials, observations) { trial.fault.check(seen) }
                let head = ["| Fault | What callers saw | What the operator saw |", "|---|---|---|"]
                try ReadmeSection(name: "faults").expect(
                    head + zip(trials, observations).map { $1.row($0.fault.name) }
                )
                for staged in trials.flatMap(\.staged) { await staged.close() }
                for server in [shared, elsewhere] { await server.stop() }
            }
        }
    }

    private func trials(_ faults: [FaultCase], _ stage: FaultStage) async throws -> [Trial] {
        #expect(Set(faults.map(\.name)).count == faults.count)
        var trials: [Trial] = []
        for (number, fault) in faults.enumerated() {
            let trial = Trial(
                fault: fault,
                cold: try await stage.stage(fault, client: "cold-\(number)"),
                warm: fault.canBeWarm ? try await stage.stage(fault, client: "warm-\(number)") : nil
            )
            for staged in trial.staged { try stage.room.add(staged.configuration, as: staged.client) }
            trials.append(trial)
        }
        return trials
    }

    private func observe(_ trials: [Trial], in room: Room) async throws -> [FaultObservation] {
        let before = try await each(trials) { trial in
            guard let warm = trial.warm else { return String?.none }
            return try await fetch(warm.client, in: room).string("access_token")
        }
        _ = try await each(trials) { trial in for staged in trial.staged { try await staged.begin() } }
        let heard = try await each(trials) { trial in try await hear(trial, in: room) }
        let during = try await OperatorViews.read(room)
        during.checkAgreement()
        #expect(during.ready.status == 503)

        _ = try await each(trials) { trial in for staged in trial.staged { try await staged.end() } }
        let recoveries = try await each(trials) { trial in try await recover(trial, in: room) }
        let after = try await OperatorViews.read(room)
        after.checkAgreement()
        #expect(after.ready.status == 200)
        #expect(after.status.clients.allSatisfy { $0.state == .fresh && $0.lastError == nil })

        return try trials.indices.map { index in
            let trial = trials[index]
            let cached = try trial.warm.map { warm in
                let answer = try #require(heard[index].warm)
                return FaultObservation.Cached(
                    callersStatus: answer.status,
                    isTokenOfBefore: before[index] != nil && answer.string("access_token") == before[index],
                    byOperator: FaultObservation.Operator(try during.client(warm.client))
                )
            }
            let caller = FaultObservation.Caller(heard[index].cold)
            return FaultObservation(
                caller: caller,
                byOperator: FaultObservation.Operator(try during.client(trial.cold.client)),
                cached: cached,
                isRetryAfterKept: trial.fault.leastRetryAfter.map { caller.retryAfter ?? 0 >= $0 },
                recovery: recoveries[index]
            )
        }
    }

    /// What both callers hear, and the warm one once a refresh has failed.
    private func hear(_ trial: Trial, in room: Room) async throws -> Heard {
        async let cold = fetch(trial.cold.client, in: room)
        var answer: SocketHTTP.Answer?
        if let warm = trial.warm {
            let refused = try await SocketHTTP.post("/v1/clients/\(warm.client)/refresh", on: room.adminSocket)
            #expect(refused.status == trial.fault.callersError.httpStatus, "\(trial.fault.name): \(refused.body)")
            answer = try await fetch(warm.client, in: room)
        }
        return Heard(cold: try await cold, warm: answer)
    }

    /// Does what the fault takes, and says so when it helped.
    private func recover(_ trial: Trial, in room: Room) async throws -> FaultCase.Recovery? {
        for client in trial.staged.map(\.client) {
            switch trial.fault.recovery {
            case .byItself: break
            case .refresh: _ = try await Command.tokenctl("refresh", client, in: room)
            case .reload: _ = try await Command.tokenctl("reload", in: room)
            }
            // A changed client begins anew, and is asked for by its callers.
            if trial.fault.recovery == .reload { _ = try await fetch(client, in: room) }
            if trial.fault.recovery == .byItself { try await Watch.state(.fresh, of: client, in: room) }
            guard try await fetch(client, in: room).status == 200 else { return nil }
            guard try await room.status(of: client).state == .fresh else { return nil }
        }
        return trial.fault.recovery
    }

    private func fetch(_ client: String, in room: Room) async throws -> SocketHTTP.Answer {
        try await SocketHTTP.get("/v1/token/\(client)?timeout=60", on: room.tokenSocket)
    }

    /// All at once; the results are in the order of the trials.
    private func each<Value: Sendable>(
        _ trials: [Trial],
        _ body: @escaping @Sendable (Trial) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            for (index, trial) in trials.enumerated() { group.addTask { (index, try await body(trial)) } }
            var values: [Int: Value] = [:]
            for try await (index, value) in group { values[index] = value }
            return trials.indices.compactMap { values[$0] }
        }
    }
}
