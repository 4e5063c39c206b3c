import Foundation
import MockAuthorizationServer
import Testing

/// A thousand deaths in the midst of rotations: `make torture`.
@Suite(
    "A thousand crashes in rotations",
    .enabled(if: ProcessInfo.processInfo.environment["TOKENBROKER_TORTURE"] != nil, "make torture"),
    .serialized
)
struct RotationTortureTests {
    private static let daemons = 4
    private static let killsOfEach = 130

    /// Within what a server bears at once, so that all can be held.
    private static let clients = ["billing", "reports", "mail"]

    @Test("lose no refresh token that was answered, and present none twice that was", arguments: ReplayPolicy.allCases)
    func kills(policy: ReplayPolicy) async throws {
        let tally = try await withThrowingTaskGroup(of: RotationTally.self) { group in
            for _ in 0..<Self.daemons { group.addTask { try await kill(policy) } }
            var tally = RotationTally(policy)
            for try await part in group { tally.add(part) }
            return tally
        }
        tally.tell()
        #expect(tally.kills == Self.daemons * Self.killsOfEach)
        #expect(tally.count(.told) == 0 || policy == .strict)
        print(
            "\(policy.testDescription): \(tally.kills) kills, \(tally.count(.survived)) times a client survived, "
                + "\(tally.count(.told)) times it was told to log in"
        )
    }

    private func kill(_ policy: ReplayPolicy) async throws -> RotationTally {
        try await withRotation(policy, clients: Self.clients) { rotation in
            let readings = try await rotation.clockReadingsOfRefresh()
            var tally = RotationTally(policy)
            for number in 0..<Self.killsOfEach {
                let death: Death =
                    switch number % 4 {
                    case 0: .at(CrashPoint.allCases[number / 4 % CrashPoint.allCases.count])
                    case 1: .afterAsking(readings: Int.random(in: 0...readings * 2))
                    case 2: .afterAnswering(readings: Int.random(in: 0...readings))
                    default: .beforeAnswer
                    }
                let round = RotationRound(rotation: rotation, death: death)
                tally.add(round, try await round.run())
            }
            return tally
        }
    }
}
