import OAuth2
import TestSupport
import Testing
import TokenLifecycle

@Suite("Many clients of one server") struct FleetTests {
    @Test("with tokens of 90 s, 1,000 of them, stay within 20 requests a second, and no caller fails")
    func warm() {
        var fleet = Fleet(slots: Array(repeating: nil, count: 1_000), server: .init(lifetime: .seconds(90)), seed: 1)
        fleet.run(until: .seconds(65))
        #expect(fleet.serving == 1_000)
        fleet.letCallersCome(every: .seconds(5), from: .seconds(65))
        fleet.run(until: .seconds(1_000))
        #expect(fleet.calls > 180_000)
        #expect(fleet.misses.isEmpty && fleet.failures == 0)
        #expect(fleet.busiestSecond <= 20)
        // One request a lifetime, and not more: each token is refreshed at the earliest after 0.7 of its 90 s.
        #expect(fleet.arrivals.count <= 1_000 * (1 + 1_000 / 63))
    }

    @Test("start 10,000 at once within the budget, and all have tokens as soon as it allows")
    func start() {
        var fleet = Fleet(
            slots: Array(repeating: nil, count: 10_000),
            server: .init(lifetime: .seconds(3_600)),
            seed: 2
        )
        fleet.run(until: .seconds(620))
        #expect(fleet.serving == 10_000)
        #expect(fleet.arrivals.count == 10_000)
        #expect(fleet.busiestSecond <= 20)
    }

    @Test("start with 10,000 stored tokens of all ages, and none dies that could be refreshed in time")
    func restart() {
        var random = SeededGenerator(seed: 3)
        let lifetime = Duration.seconds(3_600)
        // The latest refreshes are due, so that some 2,500 come at once.
        let stored = (0..<10_000).map { number in
            kept(
                "\(number)",
                lifetime: lifetime,
                sent: SlotInTime.start.advanced(by: .zero - .milliseconds(random.below(3_400_000)))
            )
        }
        var fleet = Fleet(slots: stored, server: .init(lifetime: lifetime), seed: 3)
        fleet.letCallersCome(every: .seconds(60), from: .zero)
        fleet.run(until: .seconds(2_700))
        #expect(fleet.misses.isEmpty && fleet.failures == 0)
        #expect(fleet.busiestSecond <= 20)
    }

    @Test("survive an outage that is shorter than their tokens' lives, and do not rush the server at its end")
    func outage() {
        let outage = Duration.seconds(300)..<(.seconds(900))
        var fleet = Fleet(
            slots: Array(repeating: nil, count: 1_000),
            server: .init(lifetime: .seconds(3_600), outage: outage),
            seed: 4
        )
        fleet.run(until: .seconds(65))
        fleet.letCallersCome(every: .seconds(20), from: .seconds(65))
        fleet.run(until: .seconds(6_000))
        #expect(fleet.misses.isEmpty && fleet.failures == 0)
        #expect(fleet.busiestSecond <= 20)
    }

    @Test("are served first where they die first")
    func earliestDeath() {
        // 300 refreshes are due at once: 150 of tokens that die in 11 s, 150 that live for an hour.
        let dying = (0..<150).map { number in
            kept("dying \(number)", lifetime: .seconds(90), sent: SlotInTime.start.advanced(by: .seconds(-70)))
        }
        let living = (0..<150).map { number in
            kept("living \(number)", lifetime: .seconds(14_400), sent: SlotInTime.start.advanced(by: .seconds(-10_900)))
        }
        var fleet = Fleet(
            slots: zip(living, dying).flatMap { [$0, $1] },
            server: .init(lifetime: .seconds(3_600)),
            seed: 5
        )
        fleet.letCallersCome(every: .seconds(1), from: .zero)
        fleet.run(until: .seconds(40))
        // In the order they came the last of the dying would have its turn after 18 s.
        #expect(fleet.misses.isEmpty)
    }
}
