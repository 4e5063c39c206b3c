import Testing
import TokenLifecycle

@Suite("A slot walked at random") struct SlotWalkTests {
    /// Together four times a hundred thousand.
    private static let steps = 20_000

    @Test("keeps every promise, and nobody waits for ever", arguments: 1...20 as ClosedRange<UInt64>)
    func walk(seed: UInt64) throws {
        var walk = SlotWalk(seed: seed)
        var step = 0
        do {
            try walk.start()
            while step < Self.steps {
                try walk.step()
                step += 1
            }
            try walk.drain()
        } catch let broken as BrokenPromise {
            Issue.record("seed \(seed), step \(step): \(broken.description)\n\(walk.trace)")
            return
        }
        // A walk that never gets anywhere keeps every promise too.
        let tally = walk.tally
        let counts = [
            tally.sent, tally.taken, tally.repeated, tally.calledZero, tally.expiredOnArrival, tally.failures,
            tally.withdrawn, tally.answeredWithToken, tally.answeredWithFailure, tally.stale, tally.restarts,
        ]
        #expect(counts.allSatisfy { $0 > 50 }, "seed \(seed): \(tally)")
        #expect(tally.refreshedAhead > 50 || !walk.isKeptWarm, "seed \(seed): \(tally)")
        #expect(min(tally.forced, tally.probed, tally.sentOnReport) > 3, "seed \(seed): \(tally)")
        #expect(RejectionOutcome.allCases.allSatisfy { tally.reports[$0, default: 0] > 0 }, "seed \(seed): \(tally)")
    }
}
