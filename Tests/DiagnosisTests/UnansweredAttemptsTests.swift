import OAuth2
import Testing

@testable import Diagnosis

@Suite("A refresh token that is refused after attempts without an answer") struct UnansweredAttemptsTests {
    private static let since: Duration = .seconds(1_782_907_200)

    private func explain(
        _ error: String,
        _ unanswered: UnansweredAttempts?,
        in failureClass: FailureClass = .loginRequired
    ) -> Explanation {
        var failure = TokenEndpointFailure(failureClass, error: error)
        failure.unanswered = unanswered
        return Diagnosis.explain(failure, client: ClientName("billing"))
    }

    @Test(
        "is explained by them: how many, since when, and how they ended",
        arguments: [
            (1, "response_timeout", "once at 2026-07-01 12:00:00 UTC without an answer (response_timeout)"),
            (1, nil, "once at 2026-07-01 12:00:00 UTC without an answer (the daemon was ended in the midst)"),
            (
                3, "reset_after_sending",
                "3 times since 2026-07-01 12:00:00 UTC without an answer (at last reset_after_sending)"
            ),
            (2, nil, "2 times since 2026-07-01 12:00:00 UTC without an answer (the daemon was ended in the midst)"),
        ] as [(Int, String?, String)],
        ["invalid_grant", "bad_refresh_token", "empty_answer"]
    )
    func summary(row: (count: Int, lastFailure: String?, text: String), error: String) {
        let explanation = explain(
            error,
            UnansweredAttempts(count: row.count, since: Self.since, lastFailure: row.lastFailure)
        )
        #expect(explanation.cause == error)
        #expect(
            explanation.summary
                == "The refresh token was presented \(row.text), so that the authorization server may have replaced it "
                + "in an answer that never came, and it refuses the old one now."
        )
        #expect(explanation.remedy == "Put a new refresh token where refresh_token in [clients.billing] says.")
    }

    @Test("is not, where there were none, or another thing is the matter")
    func otherwise() {
        let unanswered = UnansweredAttempts(count: 1, since: Self.since)
        #expect(explain("invalid_grant", nil).summary.contains("expired, revoked, used up"))
        for (failureClass, error) in [
            (.loginRequired, "interaction_required"), (.loginRequired, "consent_required"),
            (.loginRequired, "login_required"), (.loginRequired, "grant_restored"), (.loginRequired, "logged_out"),
            (.configuration, "invalid_client"), (.unknown, "response_timeout"), (.transient, "server_error"),
        ] as [(FailureClass, String)] {
            #expect(explain(error, unanswered, in: failureClass) == explain(error, nil, in: failureClass), "\(error)")
        }
    }

    @Test(
        "is told with its date in every kind of year",
        arguments: [
            (-1, "1970-01-01 00:00:00"), (0, "1970-01-01 00:00:00"), (951_782_399, "2000-02-28 23:59:59"),
            (951_782_400, "2000-02-29 00:00:00"), (951_868_800, "2000-03-01 00:00:00"),
            (1_709_164_800, "2024-02-29 00:00:00"), (1_735_689_599, "2024-12-31 23:59:59"),
            (1_735_689_600, "2025-01-01 00:00:00"), (4_107_542_399, "2100-02-28 23:59:59"),
            (4_107_542_400, "2100-03-01 00:00:00"), (13_574_563_200, "2400-02-29 00:00:00"),
        ] as [(Int64, String)]
    )
    func dates(seconds: Int64, text: String) {
        #expect(UTCText.text(.seconds(seconds)) == text + " UTC")
    }
}
