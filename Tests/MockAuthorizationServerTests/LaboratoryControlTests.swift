import Foundation
import NIOHTTP1
import Testing

@testable import MockAuthorizationServer

@Suite("What the laboratory tells those who made something up")
struct LaboratoryControlTests {
    /// What comes back for a made-up refresh token, secret and client.
    struct Row: CustomTestStringConvertible {
        var fault: String
        var fakeToken: String
        var madeUpSecret: String
        var madeUpClient: String

        var testDescription: String { fault }
    }

    static let rows: [Row] = [
        Row(
            fault: "cognito_grant_not_allowed",
            fakeToken: "400 unauthorized_client",
            madeUpSecret: "400 invalid_client",
            madeUpClient: "400 invalid_client"
        ),
        Row(
            fault: "cognito_wrong_secret",
            fakeToken: "400 invalid_client",
            madeUpSecret: "400 invalid_client",
            madeUpClient: "400 invalid_client"
        ),
        Row(
            fault: "cognito_refresh_token_revoked",
            fakeToken: "400 invalid_grant",
            madeUpSecret: "400 invalid_client",
            madeUpClient: "400 invalid_client"
        ),
        Row(
            fault: "cognito_client_flows_off",
            fakeToken: "400 invalid_grant",
            madeUpSecret: "400 invalid_client",
            madeUpClient: "400 invalid_client"
        ),
        Row(
            fault: "entra_wrong_secret",
            fakeToken: "401 7000215",
            madeUpSecret: "401 7000215",
            madeUpClient: "400 700016"
        ),
        Row(
            fault: "entra_secret_expired",
            fakeToken: "401 7000222",
            madeUpSecret: "401 7000215",
            madeUpClient: "400 700016"
        ),
        Row(
            fault: "entra_unknown_client",
            fakeToken: "400 700016",
            madeUpSecret: "400 700016",
            madeUpClient: "400 700016"
        ),
        Row(
            fault: "entra_disabled_client",
            fakeToken: "400 7000112",
            madeUpSecret: "400 7000112",
            madeUpClient: "400 700016"
        ),
        Row(
            fault: "keycloak_wrong_secret",
            fakeToken: "401 invalid_client",
            madeUpSecret: "401 invalid_client",
            madeUpClient: "401 invalid_client"
        ),
        Row(
            fault: "keycloak_disabled_client",
            fakeToken: "401 unauthorized_client",
            madeUpSecret: "401 unauthorized_client",
            madeUpClient: "401 invalid_client"
        ),
        Row(
            fault: "keycloak_old_wrong_secret",
            fakeToken: "401 unauthorized_client",
            madeUpSecret: "401 unauthorized_client",
            madeUpClient: "400 unauthorized_client"
        ),
        Row(
            fault: "keycloak_session_ended",
            fakeToken: "400 invalid_grant",
            madeUpSecret: "401 invalid_client",
            madeUpClient: "401 invalid_client"
        ),
        Row(
            fault: "google_publisher_testing",
            fakeToken: "400 invalid_grant",
            madeUpSecret: "401 invalid_client",
            madeUpClient: "401 invalid_client"
        ),
        Row(
            fault: "github_wrong_secret",
            fakeToken: "200 incorrect_client_credentials",
            madeUpSecret: "200 incorrect_client_credentials",
            madeUpClient: "200 incorrect_client_credentials"
        ),
        Row(
            fault: "slack_wrong_secret",
            fakeToken: "200 bad_client_secret",
            madeUpSecret: "200 bad_client_secret",
            madeUpClient: "200 invalid_client_id"
        ),
        Row(
            fault: "standard_grant_not_allowed",
            fakeToken: "400 unauthorized_client",
            madeUpSecret: "401 invalid_client",
            madeUpClient: "401 invalid_client"
        ),
    ]

    /// The status, and what tells answers apart.
    private func gist(_ answer: Answer) -> String {
        if case .array(let numbers) = answer.members["error_codes"], case .integer(let number) = numbers.first {
            return "\(answer.status) \(number)"
        }
        return "\(answer.status) \(answer["error"] ?? "")"
    }

    @Test("a registered client's true server has checked in its order", arguments: rows)
    func registered(row: Row) async throws {
        try await LaboratoryCaller.with { caller in
            try caller.setFault(row.fault)
            #expect(try await gist(caller.ask(.fakeRefresh)) == row.fakeToken)
            #expect(try await gist(caller.ask(.fakeRefresh, .basic("billing:invented"))) == row.madeUpSecret)
            #expect(try await gist(caller.ask(.fakeRefresh, .basic("invented:invented"))) == row.madeUpClient)
        }
    }

    @Test("where nobody is registered, what says that it is made up is refused so", arguments: rows)
    func unregistered(row: Row) async throws {
        try await LaboratoryCaller.with {
            $0.clients = .any
        } _: { caller in
            try caller.setFault(row.fault)
            #expect(try await gist(caller.ask(.fakeRefresh, .basic("any:thing"))) == row.fakeToken)
            #expect(try await gist(caller.ask(.fakeRefresh, .basic("any:made-up-secret"))) == row.madeUpSecret)
            #expect(try await gist(caller.ask(.fakeRefresh, .basic("made-up-id:x"))) == row.madeUpClient)
            #expect(try await gist(caller.ask(.fakeRefresh, .basic("unknown-id:x"))) == row.madeUpClient)
        }
    }

    @Test(
        "where nobody is registered, a client whose secret is at fault is nobody without one",
        arguments: ["cognito_wrong_secret", "keycloak_wrong_secret", "standard_wrong_secret", "entra_secret_expired"]
    )
    func unregisteredWithoutSecret(fault: String) async throws {
        try await LaboratoryCaller.with {
            $0.clients = .any
        } _: { caller in
            try caller.setFault(fault)
            for question in [LaboratoryQuestion.fakeRefresh, .ownToken()] {
                let answer = try await caller.ask(question, .none(id: "any"))
                #expect(answer["error"] == "invalid_client" || answer["error"] == "unauthorized_client")
            }
        }
    }

    /// Whether Basic raw, Basic form-encoded and the body are taken.
    static let encodings: [(String, raw: Bool, form: Bool)] = [
        ("cognito_basic_encoding_raw", true, false), ("cognito_basic_encoding_form", false, true),
        ("cognito_refresh_token_revoked", true, true), ("cognito_wrong_secret", false, false),
    ]

    @Test("each way to send the secret gets its answer", arguments: encodings)
    func matrix(fault: String, raw: Bool, form: Bool) async throws {
        try await LaboratoryCaller.with { caller in
            try caller.setFault(fault)
            let encoded = Form.encode(LaboratoryCaller.secret)
            let body = LaboratoryProof.body(id: "billing", secret: LaboratoryCaller.secret)
            let answers: [(LaboratoryProof, Bool)] = [
                (.right, raw), (.basic("billing:\(encoded)"), form), (body, raw || form), (.none(id: "billing"), false),
            ]
            for (proof, isTaken) in answers {
                let answer = try await caller.ask(.fakeRefresh, proof)
                #expect(answer["error"] == (isTaken ? "invalid_grant" : "invalid_client"), "\(proof)")
            }
        }
    }

    @Test("what is not in the fault's way is granted")
    func granted() async throws {
        try await LaboratoryCaller.with { caller in
            for (fault, question) in [
                ("cognito_refresh_not_allowed", LaboratoryQuestion.ownToken()),
                ("cognito_client_credentials_not_allowed", .refresh), ("cognito_client_flows_off", .code),
                ("cognito_scope_refused_as_grant", .ownToken()),
                ("cognito_scope_of_wrong_kind", .ownToken(scope: "a/b")),
                ("cognito_redirect_mismatch", .refresh), ("cognito_second_secret", .ownToken()),
                ("entra_scope_of_wrong_kind", .ownToken(scope: "a/.default")),
                ("entra_secret_not_sent", .ownToken()), ("keycloak_session_ended", .code),
            ] {
                try caller.setFault(fault)
                #expect(try await caller.ask(question).status == 200, "\(fault)")
            }
        }
    }

    @Test("GitHub and Slack grant under 200, too, and each in its form")
    func forms() async throws {
        try await LaboratoryCaller.with { caller in
            #expect(caller.server.setManner(of: "github"))
            let form = try await caller.ask(.ownToken(), headers: ["Accept": "*/*"])
            #expect(form.headers["Content-Type"] == ["application/x-www-form-urlencoded; charset=utf-8"])
            #expect(form.text.hasPrefix("access_token=at-"))
            #expect(try await caller.ask(.ownToken())["access_token"] != nil)
            try caller.setFault("github_wrong_secret")
            let refused = try await caller.ask(.ownToken(), headers: ["Accept": "*/*"])
            #expect(refused.text.hasPrefix("error=incorrect_client_credentials&error_description="))
            #expect(caller.server.setManner(of: "slack"))
            #expect(try await caller.ask(.ownToken()).members["ok"] == true)
            #expect(caller.server.setManner(of: "salesforce"))
            #expect(try await caller.ask(.ownToken()).members["expires_in"] == nil)
            #expect(!caller.server.setManner(of: "nobody"))
        }
    }
}
