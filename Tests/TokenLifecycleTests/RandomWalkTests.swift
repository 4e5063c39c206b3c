import Testing

@Suite("A random walk")
struct RandomWalkTests {
    /// 480,000 steps in all.
    private static let steps = 40_000

    @Test("keeps the promises, whatever happens in whatever order", arguments: UInt64(1)...12)
    func walk(seed: UInt64) throws {
        var walk = SlotWalk(seed: seed)
        try walk.begin()
        for step in 0..<Self.steps {
            do throws(BrokenPromise) {
                try walk.step()
            } catch {
                Issue.record("seed \(seed), step \(step): \(error)\n\(walk.history.joined(separator: "\n"))")
                return
            }
        }
        // A walk in which nothing happens proves nothing.
        #expect(walk.seen.requests > 500, "\(walk.seen)")
        #expect(walk.seen.publications > 200, "\(walk.seen)")
        #expect(walk.seen.tokensOut > 300, "\(walk.seen)")
        #expect(walk.seen.failuresOut > 300, "\(walk.seen)")
    }
}
