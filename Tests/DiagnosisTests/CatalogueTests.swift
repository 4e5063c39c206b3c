import OAuth2
import Testing

@testable import Diagnosis

@Suite("The catalogue of causes") struct CatalogueTests {
    private static let catalogues = Provider.allCases.compactMap(Catalogue.own) + [.standard]

    @Test("has each cause once and in words of its own")
    func causes() {
        #expect(Set(Catalogue.standard.causes.map(\.id)) == Set(CauseID.allCases))
        for catalogue in Self.catalogues {
            #expect(Set(catalogue.causes.map(\.id)).count == catalogue.causes.count)
        }
        for provider in Provider.allCases {
            let causes = Catalogue.causes(of: provider)
            #expect(Set(causes.map(\.id)) == Set(CauseID.allCases))
            #expect(Set(causes.map(\.summary)).count == causes.count)
        }
    }

    @Test("reaches every cause by a failure's look or by what a probe finds")
    func reachable() {
        let suspected = Set(Self.catalogues.flatMap(\.signatures).flatMap { $0.causes.map(\.id) })
        let proved = Set(
            Catalogue.standard.causes.filter { cause in
                Ranking.telling.contains { cause.evidence[$0, default: 0] >= Points.proof }
            }.map(\.id)
        )
        #expect(suspected.union(proved) == Set(CauseID.allCases))
    }

    @Test("has a row's causes in their order, each once", arguments: Provider.allCases)
    func rows(provider: Provider) {
        for row in (Catalogue.own(provider) ?? .standard).signatures + Catalogue.guesses {
            #expect(!row.causes.isEmpty)
            #expect(Set(row.causes.map(\.id)).count == row.causes.count, "\(row)")
            let first = row.causes.map(\.points).max()
            #expect(row.causes.first?.points == first, "\(row.signature)")
            for errors in row.signature.errors ?? [] { #expect(errors == Signature.spelled(errors)) }
        }
    }

    @Test("tells a cause in one sentence and its remedy in one imperative sentence", arguments: Provider.allCases)
    func sentences(provider: Provider) {
        let verbs = [
            "Allow", "Ask", "Authorize", "Check", "Correct", "Create", "Enable", "Exchange", "Find", "Get", "Have",
            "Let", "Log", "Look", "Lower", "Make", "Mend", "Name", "Publish", "Put", "Select", "Set", "Turn", "Wait",
            "Write",
        ]
        let placeholders = Placeholders(client: ClientName("billing"), failure: nil)
        for cause in Catalogue.causes(of: provider) {
            for text in [cause.summary, cause.remedy].map(placeholders.fill) {
                #expect(text.hasSuffix(".") && !text.dropLast().contains(". "), "\(text)")
                #expect(text.first?.isUppercase == true && !text.contains("  ") && !text.contains("{"), "\(text)")
            }
            #expect(verbs.contains { cause.remedy.hasPrefix("\($0) ") }, "\(cause.remedy)")
            if let place = cause.lookUp { #expect(!place.hasSuffix(".") && !place.isEmpty) }
        }
    }

    @Test("holds likeness to be mutual", arguments: Provider.allCases)
    func alike(provider: Provider) {
        for cause in Catalogue.causes(of: provider) {
            #expect(!cause.alike.contains(cause.id))
            for other in cause.alike {
                #expect(Catalogue.cause(other, of: provider)?.alike.contains(cause.id) == true, "\(cause.id) \(other)")
            }
        }
    }

    private func ranked(
        _ provider: Provider,
        _ grant: Grant?,
        _ error: String,
        status: Int? = 400,
        words: String? = nil,
        code: String? = nil
    ) -> [CauseID] {
        var failure = TokenEndpointFailure(.configuration, error: error, serverWords: words, serverStatus: status)
        failure.providerCode = code
        return Ranking(Symptom(provider: provider, grant: grant, failure: failure), []).entries.map(\.cause.id)
    }

    @Test("suspects a wrong secret last behind Cognito's unauthorized_client, and first behind old Keycloak's")
    func popularCause() {
        for grant in Grant.allCases {
            let ranked = ranked(.cognito, grant, "unauthorized_client")
            #expect(ranked.last == .wrongSecret && ranked.count > 2)
        }
        #expect(ranked(.cognito, nil, "unauthorized_client").last == .wrongSecret)
        #expect(ranked(.keycloak, .clientCredentials, "unauthorized_client", status: 401).first == .wrongSecret)
        let words = "Invalid client secret"
        #expect(
            ranked(.keycloak, .refreshToken, "unauthorized_client", words: words).first == .wrongSecret
        )
        let report = Diagnosis.report(onCode: "unauthorized_client", provider: .cognito)
        #expect(report?.causes.first?.id == "grant_not_allowed" && report?.causes.last?.confidence == .unlikely)
    }

    /// Every row of what is known of Cognito.
    private static let cognitoRows: [(Grant, String, Int?, String?, [CauseID])] = [
        (.authorizationCode, "unauthorized_client", 400, "invalid_redirect", [.redirectMismatch]),
        (.authorizationCode, "unauthorized_client", 400, nil, [.redirectMismatch, .grantNotAllowed]),
        (.refreshToken, "unauthorized_client", 400, nil, [.grantNotAllowed]),
        (.clientCredentials, "unauthorized_client", 400, nil, [.grantNotAllowed]),
        (
            .clientCredentials, "invalid_client", 400, nil,
            [.wrongSecret, .unknownClient, .basicEncoding, .secretReplaced]
        ),
        (.clientCredentials, "invalid_grant", 400, nil, [.clientFlowsOff, .scopeNotAllowed]),
        (
            .refreshToken, "invalid_grant", 400, nil,
            [
                .refreshTokenRevoked, .refreshTokenExpired, .refreshTokenReused, .sessionEnded,
                .refreshTokenOfAnotherClient,
            ]
        ),
        (
            .authorizationCode, "invalid_grant", 400, nil,
            [.codeReused, .codeExpired, .verifierMismatch, .attributeNotReadable]
        ),
        (.clientCredentials, "invalid_scope", 400, nil, [.scopeNotAllowed, .scopeOfWrongKind]),
        (.clientCredentials, "method_not_allowed", 405, nil, [.wrongPath, .acceptRefused]),
        (.clientCredentials, "html_answer", 403, "blocked", [.firewall, .captivePortal]),
        (.clientCredentials, "unreadable_answer", 403, "Forbidden", [.firewall]),
        (.clientCredentials, "name_not_found", nil, nil, [.serverGone, .wrongRegion]),
        (.clientCredentials, "html_answer", 200, nil, [.captivePortal, .wrongPath]),
        (.clientCredentials, "TooManyRequestsException", 400, "Rate exceeded", [.throttled]),
        (.clientCredentials, "http_server_error", 500, nil, [.serverFailing]),
    ]

    @Test("has every row of Cognito", arguments: cognitoRows)
    func cognito(grant: Grant, error: String, status: Int?, words: String?, causes: [CauseID]) {
        let ranked = ranked(.cognito, grant, error, status: status, words: words)
        #expect(Array(ranked.prefix(causes.count)) == causes)
    }

    @Test(
        "knows the numbers of Entra ID, from their place in the answer or from its words",
        arguments: [
            ("7000215", .wrongSecret), ("7000222", .secretExpired), ("7000218", .secretNotSent),
            ("700025", .secretNotWanted), ("700016", .unknownClient), ("7000112", .disabledClient),
            ("500011", .targetNotAllowed), ("90002", .tenantUnknown), ("700027", .assertionRefused),
            ("500133", .clockWrong), ("65001", .consentMissing), ("90094", .consentMissing),
            ("50076", .personWanted), ("53003", .personWanted), ("50173", .refreshTokenRevoked),
            ("700082", .refreshTokenExpired), ("700084", .refreshTokenExpired), ("50196", .clientLoops),
            ("90055", .throttled), ("90033", .serverFailing), ("900144", .scopeMissing),
        ] as [(String, CauseID)]
    )
    func entra(number: String, cause: CauseID) {
        #expect(ranked(.entra, nil, "invalid_client", code: number).first == cause)
        #expect(ranked(.entra, nil, "invalid_client", words: "AADSTS\(number): words").first == cause)
        for code in [number, "AADSTS\(number)"] {
            for provider in [Provider.entra, .generic] {
                let report = Diagnosis.report(onCode: code, provider: provider)
                #expect(report?.causes.first?.id == cause.rawValue && report?.provider == "entra")
            }
        }
    }

    @Test(
        "takes a server that is off the standard at a telling word",
        arguments: [
            ("authorization_type_invalid", 400, .grantNotAllowed), ("scope_invalid", 400, .scopeNotAllowed),
            ("invalid_code", 403, .codeReused), ("empty_answer", 403, .wrongSecret),
            ("Client Disabled", 400, .disabledClient), ("bad_client_password", 400, .wrongSecret),
            ("unknown_client_id", 400, .unknownClient), ("too-many-calls", 429, .throttled),
            ("invalid_audience", 400, .targetNotAllowed), ("grumpy", 401, .wrongSecret),
        ] as [(String, Int, CauseID)]
    )
    func tellingWords(error: String, status: Int, cause: CauseID) {
        #expect(ranked(.generic, .clientCredentials, error, status: status).first == cause)
    }

    @Test("explains every code that has a name, and none that has not")
    func codes() {
        let codes =
            OAuthErrorCode.allCases.map(\.rawValue) + AnswerFault.allCases.map(\.rawValue)
            + TransportFailure.allCases.map(\.rawValue) + LocalFault.allCases.map(\.rawValue)
            + CauseID.allCases.map(\.rawValue)
        for provider in Provider.allCases {
            for code in codes + provider.profile.codes.keys {
                let report = Diagnosis.report(onCode: code, provider: provider)
                #expect(report?.causes.isEmpty == false, "\(code)")
                #expect(report?.verdict.isEmpty == false && report?.healthy == false)
            }
            #expect(Diagnosis.report(onCode: "grumpy", provider: provider) == nil)
        }
        #expect(Diagnosis.report(onCode: "invalid_rapt", provider: .generic)?.provider == "google")
        #expect(Diagnosis.report(onCode: "wrong_secret", provider: .cognito)?.causes.map(\.id) == ["wrong_secret"])
        #expect(
            Diagnosis.report(onCode: "secret_unreadable", provider: .generic)?.causes.map(\.id) == ["secret_unreadable"]
        )
    }

    @Test("blames the attempts without an answer for a refresh token that is refused")
    func unanswered() {
        var failure = TokenEndpointFailure(.loginRequired, error: "invalid_grant", serverStatus: 400)
        failure.unanswered = UnansweredAttempts(count: 1, since: .seconds(1), lastFailure: "response_timeout")
        for provider in Provider.allCases {
            let report = Diagnosis.report(on: Symptom(provider: provider, grant: .refreshToken, failure: failure))
            #expect(report.causes.first?.id == "refresh_token_reused" && report.causes.first?.confidence == .certain)
        }
    }
}
