import NIOHTTP1
import Testing

@testable import MockAuthorizationServer

@Suite("What servers with a fault answer")
struct LaboratoryAnswerTests {
    /// A fault, a question, and the answer to it.
    struct Row: CustomTestStringConvertible {
        var fault: String
        var question: LaboratoryQuestion
        var status: Int
        var error: String
        var words: String?
        var proof = LaboratoryProof.right

        var testDescription: String { fault }

        init(
            _ fault: String,
            _ question: LaboratoryQuestion,
            _ status: Int,
            _ error: String,
            _ words: String? = nil,
            by proof: LaboratoryProof = .right
        ) {
            self.fault = fault
            self.question = question
            self.status = status
            self.error = error
            self.words = words
            self.proof = proof
        }
    }

    static let cognito: [Row] = [
        Row("cognito_wrong_secret", .ownToken(), 400, "invalid_client"),
        Row("cognito_unknown_client", .ownToken(), 400, "invalid_client"),
        Row("cognito_client_of_another_pool", .ownToken(), 400, "invalid_client"),
        Row("cognito_secret_of_another_pool", .ownToken(), 400, "invalid_client"),
        Row("cognito_secret_not_sent", .refresh, 400, "invalid_client", by: .none(id: "billing")),
        Row(
            "cognito_basic_encoding_raw",
            .refresh,
            400,
            "invalid_client",
            by: .basic("billing:s3cr%2Bt%2Fof%3Dbilling")
        ),
        Row("cognito_basic_encoding_form", .refresh, 400, "invalid_client"),
        Row("cognito_second_secret", .refresh, 400, "invalid_client", by: .basic("billing:first")),
        Row("cognito_secret_with_white_space", .refresh, 400, "invalid_client", by: .body(id: "billing", secret: " s")),
        Row(
            "cognito_identifier_and_secret_swapped",
            .ownToken(),
            400,
            "invalid_client",
            by: .body(id: LaboratoryCaller.secret, secret: "billing")
        ),
        Row("cognito_grant_not_allowed", .ownToken(), 400, "unauthorized_client"),
        Row("cognito_grant_not_allowed", .fakeRefresh, 400, "unauthorized_client"),
        Row("cognito_client_credentials_not_allowed", .ownToken(), 400, "unauthorized_client"),
        Row("cognito_client_credentials_not_allowed", .fakeRefresh, 400, "invalid_grant"),
        Row("cognito_refresh_not_allowed", .refresh, 400, "unauthorized_client"),
        Row("cognito_code_grant_not_allowed", .code, 400, "unauthorized_client"),
        Row("cognito_code_grant_not_allowed", .fakeCode, 400, "unauthorized_client"),
        Row("cognito_client_flows_off", .ownToken(), 400, "invalid_grant"),
        Row("cognito_scope_refused_as_grant", .ownToken(scope: "a/b"), 400, "invalid_grant"),
        Row("cognito_scope_not_allowed", .ownToken(scope: "a/b"), 400, "invalid_scope"),
        Row("cognito_scope_of_wrong_kind", .ownToken(scope: "openid"), 400, "invalid_scope"),
        Row("cognito_scope_without_identifier", .ownToken(scope: "read"), 400, "invalid_scope"),
        Row("cognito_refresh_token_revoked", .refresh, 400, "invalid_grant"),
        Row("cognito_refresh_token_expired", .refresh, 400, "invalid_grant"),
        Row("cognito_refresh_token_reused", .refresh, 400, "invalid_grant"),
        Row("cognito_refresh_token_of_another_client", .refresh, 400, "invalid_grant"),
        Row("cognito_user_disabled", .refresh, 400, "invalid_grant"),
        Row("cognito_redirect_mismatch", .code, 400, "unauthorized_client", "invalid_redirect"),
        Row("cognito_redirect_mismatch", .fakeCode, 400, "invalid_grant"),
        Row("cognito_redirect_mismatch_undescribed", .code, 400, "unauthorized_client"),
        Row("cognito_code_reused", .code, 400, "invalid_grant"),
        Row("cognito_code_expired", .code, 400, "invalid_grant"),
        Row("cognito_verifier_mismatch", .code, 400, "invalid_grant"),
        Row("cognito_attribute_not_readable", .code, 400, "invalid_grant"),
        Row("cognito_code_consumed_by_first_error", .code, 400, "invalid_request"),
    ]

    @Test("Cognito's are under 400, without words, and named to its support", arguments: cognito)
    func cognitoAnswers(row: Row) async throws {
        try await LaboratoryCaller.with { caller in
            try caller.setFault(row.fault)
            let answer = try await caller.ask(row.question, row.proof)
            #expect(answer.status == row.status)
            let words = row.words.map { #","error_description":"\#($0)""# } ?? ""
            #expect(answer.text == #"{"error":"\#(row.error)"\#(words)}"#)
            #expect(answer.headers["x-amz-cognito-request-id"].count == 1)
            #expect(answer.headers["Content-Type"] == ["application/json;charset=UTF-8"])
            #expect(answer.headers["Date"].count == 1)
        }
    }

    static let entra: [(Row, number: Int)] = [
        (Row("entra_wrong_secret", .ownToken(), 401, "invalid_client"), 7_000_215),
        (
            Row(
                "entra_secret_identifier_pasted",
                .ownToken(),
                401,
                "invalid_client",
                by: .body(id: "billing", secret: "5a1f0a56-5b40-4ab4-a1ee-aee1a4fd2a1b")
            ), 7_000_215
        ),
        (Row("entra_secret_expired", .ownToken(), 401, "invalid_client"), 7_000_222),
        (Row("entra_secret_not_sent", .refresh, 401, "invalid_client", by: .none(id: "billing")), 7_000_218),
        (Row("entra_secret_not_wanted", .ownToken(), 401, "invalid_client"), 700_025),
        (Row("entra_unknown_client", .ownToken(), 400, "unauthorized_client"), 700_016),
        (Row("entra_disabled_client", .ownToken(), 400, "unauthorized_client"), 7_000_112),
        (Row("entra_scope_not_allowed", .ownToken(scope: "x/y"), 400, "invalid_scope"), 70_011),
        (Row("entra_scope_of_wrong_kind", .ownToken(scope: "x/y"), 400, "invalid_scope"), 1_002_012),
        (Row("entra_scope_missing", .refresh, 400, "invalid_request"), 900_144),
        (Row("entra_target_not_allowed", .ownToken(scope: "x/.default"), 400, "invalid_resource"), 500_011),
        (Row("entra_tenant_unknown", .ownToken(), 400, "invalid_request"), 90_002),
        (Row("entra_tenant_shared", .ownToken(), 400, "invalid_request"), 50_059),
        (Row("entra_throttled", .ownToken(), 429, "temporarily_unavailable"), 90_055),
        (Row("entra_client_loops", .fakeRefresh, 400, "invalid_grant"), 50_196),
        (Row("entra_server_failing", .ownToken(), 503, "temporarily_unavailable"), 90_033),
        (Row("entra_consent_missing", .refresh, 400, "invalid_grant", "consent_required"), 65_001),
        (Row("entra_person_wanted", .refresh, 400, "invalid_grant", "basic_action"), 50_076),
        (Row("entra_access_blocked", .refresh, 400, "invalid_grant", "message_only"), 53_003),
        (Row("entra_refresh_token_expired", .refresh, 400, "invalid_grant"), 700_082),
        (Row("entra_refresh_token_revoked", .refresh, 400, "invalid_grant", "bad_token"), 50_173),
        (Row("entra_redirect_mismatch", .code, 400, "invalid_client"), 500_112),
        (Row("entra_code_expired", .code, 400, "invalid_grant"), 70_008),
    ]

    @Test("Entra ID's have their numbers, in a member and in the words", arguments: entra)
    func entraAnswers(row: Row, number: Int) async throws {
        try await LaboratoryCaller.with { caller in
            try caller.setFault(row.fault)
            let answer = try await caller.ask(row.question, row.proof)
            #expect(answer.status == row.status)
            #expect(answer["error"] == row.error)
            #expect(answer.members["error_codes"] == .array([.integer(number)]))
            #expect(answer["error_description"]?.hasPrefix("AADSTS\(number): ") == true)
            #expect(answer["suberror"] == row.words)
            #expect(answer["trace_id"] == answer.headers.first(name: "x-ms-request-id"))
            #expect(answer["correlation_id"]?.count == 36)
        }
    }

    @Test("the others' have their own codes and words", arguments: others)
    func otherAnswers(row: Row) async throws {
        try await LaboratoryCaller.with { caller in
            try caller.setFault(row.fault)
            let answer = try await caller.ask(row.question, row.proof)
            #expect(answer.status == row.status)
            #expect(answer["error"] == row.error)
            #expect(answer["error_description"] == row.words)
            if row.fault.hasPrefix("slack") { #expect(answer.members["ok"] == false) }
        }
    }

    /// The faults whose answers are looked at here.
    static var seen: Set<String> { Set((cognito + entra.map(\.0) + others).map(\.fault)) }
}
