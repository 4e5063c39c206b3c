import LocalAPI
import MockAuthorizationServer
import Testing

/// The daemon dies by `kill -9` in the midst of a rotation: no refresh token is lost but in a server's answer that nobody
/// got, and none is presented that should not be.
@Suite("A crash in a rotation", .timeLimit(.minutes(5)))
struct RotationCrashTests {
    private static let roundsPerPoint = 5
    private static let randomRounds = 15

    @Test(
        "at each of its steps loses nothing that was answered, and says so of what was not",
        arguments: ReplayPolicy.allCases
    )
    func steps(policy: ReplayPolicy) async throws {
        let parts = try await withThrowingTaskGroup(of: (CrashPoint, RotationTally).self) { group in
            for point in CrashPoint.allCases { group.addTask { (point, try await die(at: point, policy)) } }
            var parts: [CrashPoint: RotationTally] = [:]
            for try await (point, tally) in group { parts[point] = tally }
            return parts
        }
        var tally = RotationTally(policy)
        for point in CrashPoint.allCases { if let part = parts[point] { tally.add(part) } }
        #expect(tally.kills == CrashPoint.allCases.count * Self.roundsPerPoint)
        tally.tell()
    }

    private func die(at point: CrashPoint, _ policy: ReplayPolicy) async throws -> RotationTally {
        try await withRotation(policy) { rotation in
            // The first of them is the first rotation of all.
            var tally = RotationTally(policy)
            for _ in 0..<Self.roundsPerPoint {
                let before = rotation.judgements()
                let round = RotationRound(rotation: rotation, death: .at(point))
                let reports = try await round.run()
                tally.add(round, reports)
                let judgements = rotation.judgements().dropFirst(before.count)
                let evidence = "\(point)\n\(rotation.evidence())"
                let isLost = policy == .strict && point.losesAnswer
                #expect(reports.map(\.fate) == [isLost ? .told : .survived], "\(evidence)")
                if point.losesAnswer {
                    let replay: RefreshJudgement = isLost ? .replayRefused : .replayGranted
                    #expect(Array(judgements.prefix(2)) == [.current, replay], "\(evidence)")
                } else {
                    #expect(judgements.allSatisfy { $0 == .current }, "\(evidence)")
                }
            }
            return tally
        }
    }

    @Test("at any moment loses nothing that was answered", arguments: ReplayPolicy.allCases)
    func randomMoments(policy: ReplayPolicy) async throws {
        try await withRotation(policy) { rotation in
            let readings = try await rotation.clockReadingsOfRefresh()
            var tally = RotationTally(policy)
            for number in 0..<Self.randomRounds {
                let death: Death =
                    switch number % 3 {
                    case 0: .afterAsking(readings: Int.random(in: 0...readings * 2))
                    case 1: .afterAnswering(readings: Int.random(in: 0...readings))
                    default: .beforeAnswer
                    }
                let round = RotationRound(rotation: rotation, death: death)
                tally.add(round, try await round.run())
            }
            tally.tell()
        }
    }

    @Test("is overcome without a hand where the server grants a replay")
    func byItself() async throws {
        try await withRotation(.graceful) { rotation in
            _ = try await Death.at(.answerReceived).befall(rotation)
            try await withDaemon(in: rotation.room) { _ in
                // Nobody asks.
                try await rotation.counters("the replay") { $0.total.judged(.replayGranted) == 1 }
                try await rotation.wait(for: .fresh)
            }
            #expect(rotation.judgements() == [.current, .replayGranted], "\(rotation.evidence())")
        }
    }
}

extension RotationRoom {
    /// How often the clock can be read while the daemon refreshes a client.
    func clockReadingsOfRefresh() async throws -> Int {
        try await withDaemon(in: room) { _ in
            let readings = ClockReadings()
            let answer = try await refresh(clients[0])
            let count = await readings.stop()
            #expect(answer.status == 200, "\(answer.body)")
            return count
        }.value
    }
}
