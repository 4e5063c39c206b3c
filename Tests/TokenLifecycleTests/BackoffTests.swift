import OAuth2
import Testing
import TokenLifecycle

@Suite("Backoff") struct BackoffTests {
    @Test(
        "follows its worked table",
        arguments: [
            (.transient, [1, 2, 4, 8, 16, 32, 60, 60]), (.unknown, [1, 2, 4, 8, 16, 32, 60, 60]),
            (.protocol, [5, 10, 20, 40, 80, 160, 300, 300]),
            (.configuration, [300, 600, 1_200, 2_400, 3_600, 3_600]),
            (.endpointMisconfigured, [300, 600, 1_200, 2_400, 3_600, 3_600]),
            (.dpopNonceRequired, [300, 600, 1_200, 2_400, 3_600, 3_600]),
        ] as [(FailureClass, [Int])]
    )
    func table(failureClass: FailureClass, delays: [Int]) throws {
        let backoff = try #require(Backoff(after: failureClass))
        let without = (1...delays.count).map { backoff.delay(failures: $0, spread: 0) }
        #expect(without == delays.map { .seconds($0) })
        let half = (1...delays.count).map { seconds(backoff.delay(failures: $0, spread: 0.5)) }
        #expect(zip(half, delays).allSatisfy { abs($0 - 1.1 * Double($1)) < 1e-6 })
        let most = (1...delays.count).map { seconds(backoff.delay(failures: $0, spread: 1)) }
        #expect(zip(most, delays).allSatisfy { abs($0 - 1.2 * Double($1)) < 1e-6 })
    }

    @Test("stays at its longest however often the server failed, and within its jitter whatever is drawn")
    func bounds() throws {
        let backoff = try #require(Backoff(after: .transient))
        #expect(backoff.delay(failures: .max, spread: -5) == .seconds(60))
        #expect(abs(seconds(backoff.delay(failures: .max, spread: 5)) - 72) < 1e-6)
    }

    @Test(
        "never ends by itself where a person must act",
        arguments: [.loginRequired, .authorizationPending, .slowDown, .expiredDeviceCode] as [FailureClass]
    )
    func stops(failureClass: FailureClass) {
        #expect(Backoff(after: failureClass) == nil)
    }
}
