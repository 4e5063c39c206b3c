import OAuth2
import Testing
import TokenLifecycle

@Suite("A grant walked at random") struct GrantWalkTests {
    private static let steps = 20_000

    @Test(
        "presents nothing that is spent, loses nothing, and tells what a server without grace cost",
        arguments: 1...20
    )
    func walk(seed: Int) {
        // Half of the servers have a grace window.
        let grace: Duration? = seed.isMultiple(of: 2) ? .seconds(10) : nil
        var walk = GrantWalk(seed: UInt64(seed), grace: grace)
        for step in 0..<Self.steps {
            do {
                try walk.step()
            } catch {
                Issue.record("seed \(seed), step \(step): \(error.description)")
                return
            }
        }
        let tally = walk.tally
        let counts = [
            tally.presented, tally.rotated, tally.lost, tally.crashes, tally.logins, tally.unsent, tally.refusedTurns,
            tally.unsaved,
        ]
        #expect(counts.allSatisfy { $0 > 50 }, "seed \(seed): \(tally)")
        #expect(grace == nil ? tally.told > 50 : tally.recovered > 50, "seed \(seed): \(tally)")
    }
}
