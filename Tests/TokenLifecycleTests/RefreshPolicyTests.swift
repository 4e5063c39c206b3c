import OAuth2
import Testing
import TokenLifecycle

@Suite("The refresh policy") struct RefreshPolicyTests {
    @Test(
        "takes a stated lifetime in whole seconds, cuts it at ten years, and takes nothing sensible as nothing stated",
        arguments: [
            (.seconds(3_600), .seconds(3_600)), (.milliseconds(59_900), .seconds(59)), (.seconds(1), .seconds(1)),
            (.milliseconds(999), .seconds(300)), (.zero, .seconds(300)), (.seconds(-5), .seconds(300)),
            (nil, .seconds(300)), (.seconds(315_360_001), .seconds(315_360_000)),
            (.seconds(Int64.max), .seconds(315_360_000)),
        ] as [(Duration?, Duration)]
    )
    func lifetime(stated: Duration?, lifetime: Duration) {
        let policy = RefreshPolicy(defaultLifetime: .duration(.seconds(300)))
        #expect(policy.lifetime(stated: stated) == lifetime)
    }

    @Test("lets tokens without a stated lifetime live for ever where the operator says so")
    func neverExpiring() {
        let policy = RefreshPolicy(defaultLifetime: .never)
        #expect(policy.lifetime(stated: nil) == nil)
        #expect(policy.lifetime(stated: .zero) == nil)
        #expect(policy.lifetime(stated: .seconds(60)) == .seconds(60))
    }

    @Test(
        "plans the refresh within a twentieth of the lifetime around refresh_at, never at once and never at the end",
        arguments: [
            (0.75, 0, 750), (0.75, -1, 700), (0.75, 1, 800), (0.75, 7, 800), (0.75, -7, 700), (0.95, 1, 950),
            (1.5, 0, 950), (0, 0, 50), (0.02, -1, 50),
        ] as [(Double, Double, Int64)]
    )
    func refreshAge(refreshAt: Double, jitter: Double, milliseconds: Int64) {
        let age = RefreshPlan.refreshAge(lifetime: .seconds(1), refreshAt: refreshAt, jitter: jitter)
        #expect(age == .milliseconds(milliseconds))
    }

    @Test("plans no refresh for a token that does not expire")
    func refreshAgeOfUnending() {
        #expect(RefreshPlan.refreshAge(lifetime: nil, refreshAt: 0.75, jitter: 0) == nil)
    }
}
