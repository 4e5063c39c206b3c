import ArgumentParser
import Diagnosis
import OAuth2
import Testing

@testable import tokenctl

@Suite("tokenctl explain CODE") struct CodeExplanationTests {
    private func report(_ code: String, _ provider: Provider? = nil, _ grant: Grant? = nil) throws -> DiagnosisReport {
        try CodeExplanation(code, provider: provider, grant: grant).report()
    }

    private func failure(_ code: String, _ provider: Provider? = nil) -> Failure? {
        do throws(Failure) {
            _ = try CodeExplanation(code, provider: provider, grant: nil).report()
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "knows every code of the protocols, of the providers, and of ours",
        arguments: OAuthErrorCode.allCases.map(\.rawValue) + AnswerFault.allCases.map(\.rawValue)
            + TransportFailure.allCases.map(\.rawValue) + LocalFault.allCases.map(\.rawValue)
            + Provider.allCases.flatMap(\.profile.codes.keys)
    )
    func known(code: String) throws {
        let report = try report(code)
        let first = try #require(report.causes.first)
        #expect(!report.healthy && !report.verdict.isEmpty && !first.remedy.isEmpty)
    }

    @Test(
        "finds the provider by a code that is nobody else's",
        arguments: [
            ("AADSTS7000215", "entra"), ("aadsts7000215:", "entra"), ("7000215", "entra"), ("invalid_rapt", "google"),
            ("\"bad_verification_code\",", "github"), ("TooManyRequestsException", "cognito"),
            ("invalid_client", "generic"),
        ]
    )
    func owner(code: String, provider: String) throws {
        #expect(try report(code).provider == provider)
    }

    @Test("thinks of a refresh token first while nobody says what was presented, and has no words for none")
    func unstatedGrant() throws {
        let refused = try report("invalid_grant")
        #expect(refused.causes.first?.id == "refresh_token_revoked")
        #expect(refused.notes.contains { $0.contains("--grant") })
        #expect(try report("invalid_grant", nil, .jwtBearer).causes.first?.id == "assertion_refused")
        let malformed = try report("invalid_request")
        #expect(malformed.verdict == "The authorization server finds the token request malformed.")
    }

    @Test("does not take a pasted secret's identifier for excluded by a number that stands for both")
    func sharedNumber() throws {
        let first = try report("AADSTS7000215").causes.first
        #expect(first?.id == "wrong_secret" && first?.confidence == .likely)
        #expect(try report("7000215").failure?.error == "AADSTS7000215")
    }

    @Test("says of our own faults what they are, whatever the provider")
    func local() throws {
        for provider in [nil, .cognito, .keycloak] as [Provider?] {
            let report = try report("secret_unreadable", provider)
            #expect(report.causes.map(\.id) == ["secret_unreadable"])
        }
    }

    @Test("of what is not known says what is near, or what to do instead")
    func unknown() {
        for (code, remedy) in [
            ("unauthorised_client", "Did you mean unauthorized_client?"),
            ("invalid-grant", "Did you mean invalid_grant?"),
            ("invalid_cliennt", "Did you mean invalid_client?"),
        ] {
            // Where the catalogue itself forgives the spelling, nothing is asked.
            if let failure = failure(code) { #expect(failure.exitStatus == 64 && failure.remedy == remedy) }
        }
        #expect(failure("xyzzyxyzzy")?.exitStatus == 64)
        #expect(failure("405")?.remedy?.contains("tokenctl explain -") == true)
        #expect(failure("AADSTS1")?.remedy == "Look it up at https://login.microsoftonline.com/error?code=1.")
        #expect(failure("7000215", .cognito)?.remedy == "Write --provider entra.")
    }

    @Test("shows neither a token that was given for a code nor an escape sequence")
    func hostile() throws {
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJlLTEyMzQ1Njc4"
        #expect(failure(token)?.what.contains(token.lowercased()) == false)
        #expect(failure("\u{1B}[31mred")?.what == "nothing is known of the code ?[31mred")
        #expect(failure(String(repeating: "a", count: 100_000))?.exitStatus == 64)
        #expect(failure("")?.exitStatus == 64)
    }

    @Test("rates near codes by what must change, and gives three at most")
    func near() {
        #expect(KnownCodes.near("invalid_gran").first == "invalid_grant")
        #expect(KnownCodes.near("not_found").count <= 3)
        #expect(KnownCodes.near("a").isEmpty && KnownCodes.near("qqqqqqqq").isEmpty)
    }

    @Test("takes the providers, grants and formats that there are and no other")
    func arguments() throws {
        let command = try ExplainCommand.parse([
            "-", "--provider", "entra", "--grant", "device_code", "--format", "report",
        ])
        #expect(command.code == "-" && command.provider == .entra && command.grant == .deviceCode)
        #expect(command.format == .report)
        let type = "urn:ietf:params:oauth:grant-type:jwt-bearer"
        #expect(try ExplainCommand.parse(["x", "--grant", type]).grant == .jwtBearer)
        for wrong in [[], ["x", "--grant", "password"], ["x", "--provider", "acme"], ["x", "--format", "table"]] {
            #expect(throws: (any Error).self) { try ExplainCommand.parse(wrong) }
        }
    }
}
