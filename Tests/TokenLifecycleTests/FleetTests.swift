import OAuth2
import Simulation
import TestSupport
import Testing
import TokenLifecycle

@Suite("Many slots of one server") struct FleetTests {
    @Test("with tokens of 90 s, 1,000 of them, stay within 20 requests a second, and no caller fails")
    func warm() throws {
        let scenario = scenario(slots: 1_000, lifetime: .seconds(90), seed: 1)
        var fleet = try Fleet(scenario, length: .seconds(1_000))
        let start = try fleet.run("start", until: .seconds(65))
        #expect(start.withoutToken == 0)
        fleet.letCallersCome(every: .seconds(5))
        let day = try fleet.run("day", until: .seconds(1_000))
        #expect(day.served > 180_000 && day.served == day.calls)
        // One request a lifetime, and not more: each token is refreshed at the earliest after 0.7 of its 90 s.
        #expect(start.requests + day.requests <= 1_000 * (1 + 1_000 / 63))
    }

    @Test("start 10,000 at once within the budget, and all have tokens as soon as it allows")
    func start() throws {
        var fleet = try Fleet(scenario(slots: 10_000, seed: 2), length: .seconds(620))
        let start = try fleet.run("start", until: .seconds(620))
        #expect(start.withoutToken == 0 && start.requests == 10_000)
    }

    @Test("start with 10,000 stored tokens of all ages, and none dies that could be refreshed in time")
    func restart() throws {
        var random = SeededGenerator(seed: 3)
        // The latest refreshes are due, so that some 2,500 come at once.
        let tokens = (0..<10_000).map { number in
            stored("\(number)", lifetime: .seconds(3_600), age: .milliseconds(random.below(3_400_000)))
        }
        var fleet = try Fleet(scenario(slots: 10_000, seed: 3), kept: tokens, length: .seconds(2_700))
        fleet.letCallersCome(every: .seconds(60))
        let day = try fleet.run("day", until: .seconds(2_700))
        #expect(day.served == day.calls && day.gaps.count == 0)
    }

    @Test("survive an outage that is shorter than their tokens' lives, and do not rush the server at its end")
    func outage() throws {
        var scenario = scenario(slots: 1_000, seed: 4)
        scenario.outages = [.seconds(2_700)..<(.seconds(3_500))]
        var fleet = try Fleet(scenario, length: .seconds(6_000))
        _ = try fleet.run("start", until: .seconds(65))
        fleet.letCallersCome(every: .seconds(20))
        let day = try fleet.run("day", until: .seconds(6_000))
        #expect(day.served == day.calls && day.gaps.count == 0)
        #expect(day.failedRequests > 1_000)
    }

    @Test("are served first where they die first")
    func earliestDeath() throws {
        // 300 refreshes are due at once: 150 of tokens that die in 11 s, 150 that live for an hour.
        let dying = (0..<150).map { stored("dying \($0)", lifetime: .seconds(90), age: .seconds(70)) }
        let living = (0..<150).map { stored("living \($0)", lifetime: .seconds(14_400), age: .seconds(10_900)) }
        let kept = zip(living, dying).flatMap { [$0, $1] }
        var fleet = try Fleet(scenario(slots: 300, seed: 5), kept: kept, length: .seconds(40))
        fleet.letCallersCome(every: .seconds(1))
        let day = try fleet.run("day", until: .seconds(40))
        // In the order they came the last of the dying would have its turn after 18 s.
        #expect(day.served == day.calls && day.gaps.count == 0)
    }

    @Test("whom the server always fails keep none waiting whom it serves", arguments: [10, 100, 300])
    func alwaysFailing(count: Int) throws {
        var scenario = scenario(slots: 1_000, lifetime: .seconds(900), seed: 6)
        (scenario.requestsPerSecond, scenario.concurrent, scenario.failingSlots) = (4, 4, count)
        var fleet = try Fleet(scenario, length: .seconds(5_000))
        _ = try fleet.run("start", until: .seconds(650))
        let day = try fleet.run("day", until: .seconds(5_000))
        #expect(day.failedRequests > 0 && day.withoutToken == count)
        #expect(day.gaps.count == 0)
    }

    private func scenario(slots: Int, lifetime: Duration = .seconds(3_600), seed: UInt64) -> Scenario {
        var scenario = Scenario()
        (scenario.slots, scenario.lifetime, scenario.seed) = (slots, lifetime, seed)
        (scenario.requestsPerSecond, scenario.concurrent) = (20, 8)
        return scenario
    }

    private func stored(_ value: String, lifetime: Duration, age: Duration) -> KeptToken {
        var stored = kept(value, lifetime: lifetime, sent: Fleet.start.advanced(by: .zero - age), boot: Fleet.boot)
        stored.refreshAge = lifetime * 3 / 4
        return stored
    }
}
