import Testing

@testable import MockAuthorizationServer

@Suite("The verdict on a client's rotation")
struct RotationVerdictTests {
    private func presentation(
        _ generation: Int?,
        _ judgement: RefreshJudgement,
        family: Int = 1
    ) -> RefreshPresentation {
        RefreshPresentation(
            request: 0,
            at: .zero,
            clientID: "billing",
            token: SeenSecret("\(family).\(generation ?? 0)"),
            family: generation == nil ? nil : family,
            generation: generation,
            judgement: judgement
        )
    }

    private func verdict(_ presentations: RefreshPresentation...) -> RotationVerdict {
        RotationVerdict(presentations: presentations, tokens: [])
    }

    @Test("nothing is said against tokens that follow one another, over several logins")
    func orderly() {
        let verdict = verdict(
            presentation(1, .current),
            presentation(2, .unjudged),
            presentation(2, .current),
            presentation(3, .current),
            presentation(1, .current, family: 2)
        )
        #expect(verdict.stale.isEmpty && verdict.afterRefusal.isEmpty)
        #expect(verdict.maximumReplaysPerToken == 0)
        #expect(!verdict.familyIsRevoked)
    }

    @Test("a token behind one that was presented already is stale")
    func stale() {
        let late = presentation(2, .replayRefused)
        #expect(verdict(presentation(2, .current), presentation(3, .current), late).stale == [late])
    }

    @Test("replays are counted by token")
    func replays() {
        let verdict = verdict(
            presentation(1, .current),
            presentation(1, .replayGranted),
            presentation(2, .current),
            presentation(2, .replayGranted),
            presentation(2, .replayRefused)
        )
        #expect(verdict.maximumReplaysPerToken == 2)
        #expect(verdict.stale.isEmpty)
    }

    @Test(
        "a token that was refused is not to come back",
        arguments: RefreshJudgement.allCases
    )
    func refused(judgement: RefreshJudgement) {
        let again = presentation(1, .unjudged)
        let verdict = verdict(presentation(1, judgement), again)
        let isRefused = [RefreshJudgement.replayRefused, .revoked, .expired, .unknown].contains(judgement)
        #expect(verdict.afterRefusal == (isRefused ? [again] : []))
    }

    @Test("the latest login's family counts")
    func family() {
        func token(_ family: Int, isRevoked: Bool) -> IssuedRefreshToken {
            var token = IssuedRefreshToken(
                value: SeenSecret("\(family)"),
                parent: nil,
                clientID: "billing",
                family: family,
                generation: 1,
                issuedAt: .zero
            )
            token.isRevoked = isRevoked
            return token
        }
        let ended = [token(1, isRevoked: false), token(2, isRevoked: true)]
        #expect(RotationVerdict(presentations: [], tokens: ended).familyIsRevoked)
        #expect(!RotationVerdict(presentations: [], tokens: ended + [token(3, isRevoked: false)]).familyIsRevoked)
    }
}
