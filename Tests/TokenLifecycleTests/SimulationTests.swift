import Simulation
import Testing

@Suite("Ten thousand slots with tokens of an hour") struct SimulationTests {
    @Test("live through a start, an outage of an hour and a restart, and the server never gets more than it takes")
    func day() throws {
        var scenario = Scenario()
        // A third more than the refreshes take.
        (scenario.slots, scenario.requestsPerSecond, scenario.concurrent) = (10_000, 6, 4)
        scenario.outages = [hours(3)..<hours(4)]
        var fleet = try Fleet(scenario, length: hours(7))
        // What comes of the budget, with a request that counts until a second after its answer.
        let tokensPerSecond = 4.5
        let rush = Duration.seconds(10_000 / tokensPerSecond)

        let start = try fleet.run("start", until: rush)
        #expect(start.withoutToken == 0)
        #expect(start.requests < 10_000 * 5 / 4)

        fleet.letCallersCome(every: hours(1))
        let calm = try fleet.run("calm", until: hours(3))
        #expect(calm.calls > 20_000 && calm.calls == calm.served)
        #expect(calm.gaps.count == 0)
        #expect(calm.requests <= Int(10_000 * ((hours(3) - rush) / (hours(1) * 0.7)) + 10_000))

        let outage = try fleet.run("outage", until: hours(4))
        // As many as had a token to go on with are told nothing of it.
        #expect(outage.served > outage.failed / 2)
        let recovery = try fleet.run("recovery", until: hours(4) + rush)
        #expect(recovery.withoutToken == 0)

        _ = try fleet.run("calm", until: hours(6))
        try fleet.restart(downtime: .seconds(60))
        let restart = try fleet.run("restart", until: hours(7))
        #expect(restart.calls > 8_000 && restart.calls == restart.served)
    }

    private func hours(_ count: Double) -> Duration { .seconds(3_600) * count }
}
