import OAuth2
import Testing

@testable import Diagnosis

@Suite("What is likeliest behind a failure") struct SuspicionTests {
    private static let client = ClientName("billing")

    /// A failure of the look that `row` is for.
    private func failure(_ row: SignatureRow) -> TokenEndpointFailure {
        var failure = TokenEndpointFailure(.configuration, error: row.signature.errors?.min() ?? "odd_error")
        failure.serverStatus = row.signature.statuses?.min()
        failure.serverWords = row.signature.words?.first ?? (row.signature.hasWords == true ? "words" : nil)
        failure.requestID = row.signature.hasRequestID == true ? "1" : nil
        return failure
    }

    @Test("is what the catalogue has first for the provider, in its words", arguments: Provider.allCases)
    func own(provider: Provider) {
        for row in Catalogue.own(provider)?.signatures ?? [] {
            let grant = row.signature.grants?.first ?? .refreshToken
            let failure = failure(row)
            guard failure.localFault == nil else { continue }
            let symptom = Symptom(provider: provider, grant: grant, failure: failure)
            let suspects = Catalogue.suspects(symptom)
            let isOwn = Catalogue.own(provider)?.signatures.contains { $0.signature.fits(symptom) } ?? false
            let explanation = Diagnosis.explain(failure, client: Self.client, provider: provider, presented: grant)
            let likely = explanation.likelyCause
            #expect(likely.flatMap { suspects[$0] } == suspects.values.max(), "\(provider) \(failure.error)")
            guard isOwn, let cause = likely.flatMap({ Catalogue.cause($0, of: provider) }) else { continue }
            let remedy = cause.remedy.replacing("{section}", with: "[clients.billing]").replacing(
                "{client}",
                with: "billing"
            )
            #expect(explanation.remedy == remedy)
            #expect(!explanation.summary.contains("{") && !explanation.remedy.contains("{"))
        }
    }

    @Test("is said to be likely where others are about as likely, and plainly where it stands out")
    func hedged() {
        func summary(_ error: String, _ words: String?, _ grant: Grant) -> String {
            var failure = TokenEndpointFailure(.configuration, error: error, serverStatus: 400)
            failure.serverWords = words
            return Diagnosis.explain(failure, client: Self.client, provider: .cognito, presented: grant).summary
        }
        #expect(summary("invalid_grant", nil, .authorizationCode).hasPrefix("Likely: "))
        #expect(summary("invalid_client", nil, .clientCredentials).hasPrefix("Likely: "))
        #expect(summary("unauthorized_client", "invalid_redirect", .authorizationCode).hasPrefix("The redirect_uri"))
    }

    @Test("stands beside the words for every server where the provider has none of its own")
    func standard() {
        let failure = TokenEndpointFailure(.configuration, error: "invalid_client", serverStatus: 401)
        let explanation = Diagnosis.explain(failure, client: Self.client)
        #expect(explanation.likelyCause == .wrongSecret && explanation.cause == "invalid_client")
        #expect(
            explanation.summary
                == "The authorization server does not accept the client's identifier and secret."
        )
    }

    @Test("is not asked of the catalogue for what is amiss here")
    func local() {
        let failure = TokenEndpointFailure(.transient, .storeNotWritable, words: "the disk is full")
        #expect(Diagnosis.explain(failure, client: Self.client).likelyCause == nil)
    }

    @Test("is the first error of the chain, which the failure that ends it names")
    func chain() {
        var failure = TokenEndpointFailure(.loginRequired, error: "invalid_grant", serverStatus: 400)
        failure.precededBy = EarlierFailure(error: "invalid_request", words: "no scope", at: .seconds(1_782_907_200))
        #expect(
            Diagnosis.explain(failure, client: Self.client).summary
                == "The authorization server answered invalid_request (no scope) to the refresh token at "
                + "2026-07-01 12:00:00 UTC, which may have spent it, and refuses it now: the first answer is the one to mend."
        )
        failure.error = "login_required"
        #expect(!Diagnosis.explain(failure, client: Self.client).summary.contains("invalid_request"))
    }
}
