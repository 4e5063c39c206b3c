import OAuth2
import Testing

import Diagnosis

@Suite("The explanation of a refused assertion") struct AssertionExplanationTests {
    private typealias Purpose = PresentedAssertion.Purpose

    private func explain(
        _ error: String = "invalid_client",
        _ words: String? = nil,
        purposes: Set<PresentedAssertion.Purpose> = [.client(signedWithSecret: false)],
        skew: Int? = nil
    ) -> Explanation {
        var failure = TokenEndpointFailure(.configuration, error: error, serverWords: words)
        failure.assertion = PresentedAssertion(purposes: purposes, clockSkew: skew.map { .seconds($0) })
        return Diagnosis.explain(failure, client: ClientName("billing"))
    }

    @Test(
        "names what the server complains of",
        arguments: [
            (
                "The audience claim for client_assertion must be the endpoint invoked for the request",
                "Set assertion_audience"
            ),
            ("Invalid token audience", "Set assertion_audience"), ("audience is invalid", "Set assertion_audience"),
            ("Token reuse detected", "Look for a proxy"), ("jti has already been used", "Look for a proxy"),
            ("Invalid JWT Signature.", "Check that the public half"), ("unknown kid", "Check that the public half"),
            ("Client assertion failed signature validation.", "Check that the public half"),
            (
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.",
                "Set the clock"
            ),
            ("Token is not active", "Set the clock"), ("assertion has expired", "Set the clock"),
            ("Invalid email or User ID", "Check assertion_issuer and assertion_subject"),
            ("no luck", "Check first that the public half"),
        ]
    )
    func complaints(words: String, remedy: String) {
        let explanation = explain("invalid_client", words)
        #expect(explanation.cause == "invalid_client" && explanation.remedy.hasPrefix(remedy), "\(explanation.remedy)")
        #expect(explanation.summary.contains(words))
    }

    @Test(
        "puts the clocks first when they differ enough, unless the server names something else",
        arguments: [(-9, false), (-10, true), (0, false), (49, false), (50, true), (3_600, true)]
    )
    func clocks(skew: Int, counts: Bool) {
        #expect(explain(skew: skew).remedy.hasPrefix("Set the clock") == counts)
        #expect(explain("invalid_client", "wrong audience", skew: skew).remedy.hasPrefix("Set assertion_audience"))
    }

    @Test("without a word ranks what to look at, for what was presented")
    func generic() {
        #expect(explain().remedy.hasPrefix("Check first that the public half of private_key in [clients.billing]"))
        let secret = explain(purposes: [.client(signedWithSecret: true)])
        #expect(secret.remedy.hasPrefix("Check in [clients.billing] first client_id and client_secret"))
        let grant = explain("invalid_grant", purposes: [.grant])
        #expect(grant.remedy.hasPrefix("Check first both clocks"))
        #expect(!grant.summary.contains("client-credentials"))
    }

    @Test("keeps to refusals of the assertion")
    func others() {
        let plain = Diagnosis.explain(TokenEndpointFailure(.configuration, error: "invalid_scope"), client: nil).summary
        #expect(explain("invalid_scope").summary == plain)
        #expect(explain("unauthorized_client").remedy.hasPrefix("Enable the grant"))
        #expect(explain("unauthorized_client", "bad client_assertion signature").remedy.contains("public half"))
        // The proof of the client says nothing of its grant.
        #expect(explain("invalid_grant").remedy.hasPrefix("Enable the client-credentials grant"))
        #expect(
            explain("invalid_grant", purposes: [.grant, .client(signedWithSecret: false)]).remedy.contains(
                "both clocks"
            )
        )
    }

    @Test("is a sentence with one imperative sentence beside it")
    func sentences() {
        for words in [nil, "aud", "exp", "jti", "kid", "user"] as [String?] {
            for purpose in [Purpose.grant, .client(signedWithSecret: true), .client(signedWithSecret: false)] {
                let explanation = explain(words: words, purpose)
                for text in [explanation.summary, explanation.remedy] {
                    #expect(text.hasSuffix(".") && !text.contains(". ") && !text.contains("{") && !text.contains("  "))
                }
            }
        }
    }

    private func explain(words: String?, _ purpose: PresentedAssertion.Purpose) -> Explanation {
        explain("invalid_client", words, purposes: [purpose])
    }
}
