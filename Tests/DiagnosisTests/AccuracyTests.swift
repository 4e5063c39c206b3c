import OAuth2
import Testing

@testable import Diagnosis

/// One thing that is wrong with a client or its server, and the cause that a diagnosis is to find.
struct Fault: Sendable, CustomTestStringConvertible {
    var cause: CauseID
    var provider = Provider.generic
    var grant = Grant.clientCredentials
    var findings: [Finding] = []
    var mayCost = false
    var path = "/oauth2/token"

    /// Whether it is enough that it stands among those which nothing tells apart.
    var isAlike = false
    var configure: @Sendable (inout SimulatedServer, inout ProbeSubject) -> Void

    var testDescription: String { "\(provider.rawValue) \(cause.rawValue) \(grant.name)" }

    init(
        _ cause: CauseID,
        _ provider: Provider = .generic,
        _ grant: Grant = .clientCredentials,
        findings: [Finding] = [],
        mayCost: Bool = false,
        isAlike: Bool = false,
        _ configure: @escaping @Sendable (inout SimulatedServer, inout ProbeSubject) -> Void = { _, _ in }
    ) {
        self.cause = cause
        self.provider = provider
        self.grant = grant
        self.findings = findings
        self.mayCost = mayCost
        self.isAlike = isAlike
        self.configure = configure
    }

    /// The diagnosis, with the probes in their order.
    func diagnose() throws -> (report: DiagnosisReport, probes: [Probe]) {
        var server = SimulatedServer.of(provider)
        var subject = ProbeSubject(
            client: try #require(ClientName("billing")),
            provider: provider,
            grant: grant,
            method: .clientSecretBasic,
            basicEncoding: .raw,
            tokenEndpoint: try EndpointURL("https://server.example\(SimulatedServer.path(of: provider))"),
            hasKeys: true,
            hasScope: true,
            mayCost: mayCost
        )
        configure(&server, &subject)
        let presented: Grant = grant.isKept && grant != .authorizationCode ? .refreshToken : grant
        let failure = server.failure(subject, presenting: presented)
        var diagnostician = Diagnostician(
            subject,
            symptom: failure.map { Symptom(provider: provider, grant: presented, failure: $0) },
            observations: findings.map { Observation($0, "\($0) was found.") } + Self.ofPath(subject),
            now: .seconds(1_800_000_000)
        )
        var probes: [Probe] = []
        while let probe = diagnostician.next(), probes.count < 40 {
            probes.append(probe)
            diagnostician.learn(from: probe, server.outcome(of: probe, subject), at: .seconds(1_800_000_000))
        }
        return (diagnostician.report(health: Health()), probes)
    }

    /// What the lint says of the token endpoint's path, whatever else is made up.
    private static func ofPath(_ subject: ProbeSubject) -> [Observation] {
        ClientSettings(
            provider: subject.provider,
            grant: subject.grant,
            method: subject.method,
            clientID: "1example23456789",
            tokenEndpoint: subject.tokenEndpoint
        )
        .observations.filter { [.pathAgrees, .pathDiffers].contains($0.finding) }
    }
}

extension SimulatedServer {
    static func path(of provider: Provider) -> String {
        switch provider {
        case .generic, .cognito: "/oauth2/token"
        case .entra: "/t/oauth2/v2.0/token"
        case .google, .auth0, .okta: "/token"
        case .keycloak: "/realms/r/protocol/openid-connect/token"
        case .github: "/login/oauth/access_token"
        case .slack: "/api/oauth.v2.access"
        case .salesforce: "/services/oauth2/token"
        }
    }

    /// In the provider's manner.
    static func of(_ provider: Provider) -> SimulatedServer {
        var server = SimulatedServer(provider: provider)
        switch provider {
        case .cognito:
            server.requestID = "id"
            server.refusals[.client] = Refusal(400, "invalid_client")
            server.refusals[.secret] = Refusal(400, "invalid_client")
        case .entra:
            server.refusals[.client] = Refusal(400, "unauthorized_client", "no such application", code: "700016")
            server.refusals[.secret] = Refusal(401, "invalid_client", "a wrong secret", code: "7000215")
        case .google:
            server.refusals[.client] = Refusal(401, "invalid_client", "The OAuth client was not found.")
            server.refusals[.secret] = Refusal(401, "invalid_client", "The provided client secret is invalid.")
        case .keycloak:
            server.refusals[.client] = Refusal(401, "invalid_client", "Invalid client or Invalid client credentials")
            server.refusals[.secret] = Refusal(401, "invalid_client", "Invalid client or Invalid client credentials")
            server.refusals[.grant] = Refusal(
                401,
                "unauthorized_client",
                "Client not enabled to retrieve service account"
            )
        case .github:
            server.refusals[.client] = Refusal(404, "Not Found")
            server.refusals[.secret] = Refusal(200, "incorrect_client_credentials")
            server.refusals[.refreshToken] = Refusal(200, "bad_refresh_token")
            server.refusals[.code] = Refusal(200, "bad_verification_code")
        case .auth0:
            server.refusals[.client] = Refusal(401, "access_denied", "Unauthorized")
            server.refusals[.secret] = Refusal(401, "access_denied", "Unauthorized")
            server.refusals[.grant] = Refusal(403, "unauthorized_client", "Grant type not allowed for the client.")
            server.refusals[.refreshToken] = Refusal(403, "invalid_grant", "Unknown or invalid refresh token.")
        case .okta:
            server.refusals[.client] = Refusal(401, "invalid_client", "Invalid value for 'client_id' parameter.")
        case .slack:
            server.refusals[.client] = Refusal(200, "invalid_client_id")
            server.refusals[.secret] = Refusal(200, "bad_client_secret")
            server.refusals[.refreshToken] = Refusal(200, "invalid_refresh_token")
        case .salesforce:
            server.refusals[.client] = Refusal(400, "invalid_client_id", "client identifier invalid")
            server.refusals[.secret] = Refusal(400, "invalid_client", "invalid client credentials")
            server.refusals[.refreshToken] = Refusal(400, "invalid_grant", "expired access/refresh token")
        case .generic: break
        }
        return server
    }

    /// Glewlwyd's manner, which is off the standard.
    mutating func becomeMute() {
        refusals = [
            .client: Refusal(403, ""), .secret: Refusal(403, ""), .grant: Refusal(400, "authorization_type_invalid"),
            .scope: Refusal(400, "scope_invalid"), .refreshToken: Refusal(400, ""),
            .code: Refusal(403, "unauthorized_client"),
        ]
        looksAtTokenFirst = true
        forms = [.basicRaw]
    }
}

@Suite("A diagnosis") struct AccuracyTests {
    static let cognito: [Fault] = [
        Fault(.wrongSecret, .cognito, findings: [.neverWorked]) { server, _ in server.rightSecret = nil },
        Fault(.wrongSecret, .cognito, findings: [.workedBefore, .secretChanged]) { server, _ in server.rightSecret = nil
        },
        Fault(.secretReplaced, .cognito, findings: [.workedBefore, .secretUnchanged]) { server, _ in
            server.rightSecret = nil
        },
        Fault(.secretReplaced, .cognito) { server, subject in
            server.rightSecret = 1
            subject.secretCount = 2
        },
        Fault(.unknownClient, .cognito, findings: [.neverWorked], isAlike: true) { server, _ in
            server.standing = .client
        },
        Fault(.unknownClient, .cognito, findings: [.identifierOddlyFormed]) { server, _ in server.standing = .client },
        Fault(.secretMalformed, .cognito, findings: [.secretHasWhiteSpace]) { server, _ in server.rightSecret = nil },
        Fault(.identifierAndSecretSwapped, .cognito, findings: [.identifierAndSecretSwapped]) { server, _ in
            server.standing = .client
        },
        Fault(.basicEncoding, .cognito) { server, _ in server.forms = [.basicForm, .body] },
        Fault(.basicEncoding, .cognito) { server, subject in
            server.forms = [.basicRaw]
            subject.basicEncoding = .form
        },
        Fault(.authenticationMethod, .cognito) { server, _ in server.forms = [.body] },
        Fault(.secretNotSent, .cognito, .refreshToken) { _, subject in subject.method = .none },
        Fault(.secretNotSent, .cognito, .refreshToken, findings: [.secretNotSent]) { _, subject in
            subject.method = .none
            subject.secretCount = 0
        },
        Fault(.secretNotWanted, .cognito, .refreshToken) { server, _ in server.forms = [.none] },
        Fault(.grantNotAllowed, .cognito) { server, _ in server.grants = [.refreshToken] },
        Fault(.grantNotAllowed, .cognito) { server, _ in server.grants = [] },
        Fault(.grantNotAllowed, .cognito, .refreshToken) { server, _ in server.grants = [.clientCredentials] },
        Fault(.grantNotAllowed, .cognito, .authorizationCode) { server, _ in server.grants = [.refreshToken] },
        Fault(.clientFlowsOff, .cognito) { server, _ in
            server.grants = [.refreshToken]
            server.refusals[.grant] = SimulatedServer.Refusal(400, "invalid_grant")
        },
        Fault(.clientFlowsOff, .cognito, mayCost: true) { server, _ in
            server.grants = [.refreshToken]
            server.refusals[.grant] = SimulatedServer.Refusal(400, "invalid_grant")
        },
        Fault(.scopeNotAllowed, .cognito, isAlike: true) { server, _ in
            server.takesScope = false
            server.refusals[.scope] = SimulatedServer.Refusal(400, "invalid_grant")
        },
        Fault(.scopeNotAllowed, .cognito, mayCost: true) { server, _ in
            server.takesScope = false
            server.refusals[.scope] = SimulatedServer.Refusal(400, "invalid_grant")
        },
        Fault(.scopeNotAllowed, .cognito) { server, _ in server.takesScope = false },
        Fault(.scopeOfWrongKind, .cognito, findings: [.scopesAreOpenID]) { server, _ in server.takesScope = false },
        Fault(.scopeOfWrongKind, .cognito, findings: [.scopeLacksIdentifier]) { server, _ in server.takesScope = false
        },
        Fault(.refreshTokenRevoked, .cognito, .refreshToken, findings: [.workedBefore]) { server, _ in
            server.presentedIsRefused = true
        },
        Fault(.refreshTokenExpired, .cognito, .refreshToken, findings: [.refreshTokenOverAge]) { server, _ in
            server.presentedIsRefused = true
        },
        Fault(.refreshTokenReused, .cognito, .refreshToken, findings: [.refreshTokenUnanswered]) { server, _ in
            server.presentedIsRefused = true
        },
        Fault(
            .refreshTokenOfAnotherClient,
            .cognito,
            .refreshToken,
            findings: [.refreshTokenNeverWorked, .neverWorked]
        ) { server, _ in server.presentedIsRefused = true },
        Fault(.sessionEnded, .cognito, .refreshToken, isAlike: true) { server, _ in server.presentedIsRefused = true },
        Fault(.redirectMismatch, .cognito, .authorizationCode) { server, _ in
            server.presentedIsRefused = true
            server.refusals[.code] = SimulatedServer.Refusal(400, "unauthorized_client", "invalid_redirect")
        },
        Fault(.codeReused, .cognito, .authorizationCode, findings: [.codePresentedBefore]) { server, _ in
            server.presentedIsRefused = true
        },
        Fault(.codeExpired, .cognito, .authorizationCode, findings: [.codeOverAge]) { server, _ in
            server.presentedIsRefused = true
        },
        Fault(.verifierMismatch, .cognito, .authorizationCode, isAlike: true) { server, _ in
            server.presentedIsRefused = true
        },
        Fault(.attributeNotReadable, .cognito, .authorizationCode, isAlike: true) { server, _ in
            server.presentedIsRefused = true
        },
        Fault(
            .codeConsumedByFirstError,
            .cognito,
            .authorizationCode,
            findings: [.firstErrorOfChain, .codePresentedBefore]
        ) { server, _ in
            server.presentedIsRefused = true
            server.refusals[.code] = SimulatedServer.Refusal(400, "invalid_request")
        },
        Fault(.wrongPath, .cognito) { server, subject in
            server.way = .empty(405)
            subject.tokenEndpoint = try? EndpointURL("https://server.example/oauth/token")
        },
        Fault(.acceptRefused, .cognito) { server, _ in server.way = .empty(405) },
        Fault(.firewall, .cognito) { server, _ in server.way = .page(403) },
        Fault(.captivePortal, .cognito) { server, _ in server.way = .page(200) },
        Fault(.serverGone, .cognito) { server, _ in server.way = .noName },
        Fault(.serverGone, .cognito) { server, _ in (server.way, server.issuerIsThere) = (.noName, false) },
        Fault(.wrongRegion, .cognito, findings: [.regionsDiffer]) { server, _ in
            (server.way, server.issuerIsThere) = (.noName, false)
        },
        Fault(.serverUnreachable, .cognito) { server, _ in server.way = .noConnection },
        Fault(.certificateExpired, .cognito) { server, _ in server.way = .certificate(.expired) },
        Fault(.certificateForAnotherName, .cognito) { server, _ in server.way = .certificate(.forAnotherName) },
        Fault(.certificateUntrusted, .cognito) { server, _ in server.way = .certificate(.untrusted("it is its own")) },
        Fault(.clockWrong, .cognito) { server, _ in server.clockSkew = .seconds(600) },
        Fault(.throttled, .cognito) { server, _ in server.way = .limit },
        Fault(.serverFailing, .cognito) { server, _ in server.way = .failure },
    ]

    /// Of the providers, and of a server that is off the standard; the first two must contain it.
    static let others: [Fault] =
        Provider.allCases.filter { $0 != .cognito }.flatMap { provider in
            [
                Fault(.wrongSecret, provider, .refreshToken, findings: [.neverWorked]) { server, _ in
                    server.rightSecret = nil
                },
                Fault(.unknownClient, provider, .refreshToken, findings: [.neverWorked]) { server, _ in
                    server.standing = .client
                },
                Fault(.refreshTokenRevoked, provider, .refreshToken, findings: [.workedBefore]) { server, _ in
                    server.presentedIsRefused = true
                },
                Fault(.throttled, provider) { server, _ in server.way = .limit },
                Fault(.serverFailing, provider) { server, _ in server.way = .failure },
            ]
        }
        + [Provider.generic, .keycloak, .auth0, .okta].flatMap { provider in
            [
                Fault(.wrongSecret, provider, findings: [.neverWorked]) { server, _ in server.rightSecret = nil },
                Fault(.grantNotAllowed, provider) { server, _ in server.grants = [.refreshToken] },
                Fault(.scopeNotAllowed, provider) { server, _ in server.takesScope = false },
                Fault(.wrongPath, provider) { server, _ in server.way = .empty(404) },
                Fault(.basicEncoding, provider) { server, _ in server.forms = [.basicForm] },
                Fault(.authenticationMethod, provider) { server, _ in server.forms = [.body] },
            ]
        }

    static let mute: [Fault] = [
        Fault(.wrongSecret, findings: [.neverWorked]) { server, _ in
            server.becomeMute()
            server.rightSecret = nil
        },
        Fault(.disabledClient, findings: [.workedBefore, .secretUnchanged]) { server, _ in
            server.becomeMute()
            server.standing = .client
        },
        Fault(.grantNotAllowed) { server, _ in
            server.becomeMute()
            server.grants = [.refreshToken]
        },
        Fault(.scopeNotAllowed) { server, _ in
            server.becomeMute()
            server.takesScope = false
        },
        Fault(.wrongPath) { server, _ in server.way = .empty(404) },
        Fault(.basicEncoding) { server, subject in
            server.becomeMute()
            subject.basicEncoding = .form
        },
        Fault(.authenticationMethod) { server, _ in
            server.becomeMute()
            server.forms = [.body]
        },
        Fault(.refreshTokenRevoked, .generic, .refreshToken, findings: [.workedBefore]) { server, _ in
            server.becomeMute()
            server.presentedIsRefused = true
        },
    ]

    private func told(_ report: DiagnosisReport) -> String {
        "\(report.verdict) \(report.causes.map { "\($0.id) \($0.confidence)" }) \(report.probes.map { "\($0.name): \($0.learned)" })"
    }

    @Test(
        "of Cognito puts each fault's cause first, or among those that nothing tells apart",
        arguments: cognito + mute
    )
    func first(fault: Fault) throws {
        let (report, probes) = try fault.diagnose()
        #expect(!report.healthy, "\(told(report))")
        if fault.isAlike {
            #expect(report.inseparable.contains(fault.cause.rawValue), "\(told(report))")
            #expect(report.verdict.hasSuffix(", which no probe told from it."), "\(told(report))")
            let level = report.causes.filter { report.inseparable.contains($0.id) }
            #expect(level.count > 1 && level.allSatisfy { $0.lookUp != nil }, "\(told(report))")
        } else {
            #expect(report.causes.first?.id == fault.cause.rawValue, "\(told(report))")
        }
        #expect(probes.count <= 9, "\(probes.map(\.name))")
    }

    @Test("of every other server has it among the first two", arguments: others)
    func firstTwo(fault: Fault) throws {
        let (report, probes) = try fault.diagnose()
        #expect(report.causes.prefix(2).contains { $0.id == fault.cause.rawValue }, "\(told(report))")
        #expect(probes.count <= 9, "\(probes.map(\.name))")
    }

    @Test(
        "never asks twice, never what costs, and says of each probe what it asked and proved",
        arguments: cognito + others
    )
    func probes(fault: Fault) throws {
        let (report, probes) = try fault.diagnose()
        #expect(Set(probes).count == probes.count)
        if fault.provider == .cognito, !fault.mayCost {
            #expect(!probes.contains(.asConfigured) && !probes.contains(.withoutScope))
        }
        for record in report.probes {
            #expect(!record.asked.isEmpty && record.learned.hasSuffix(".") && !record.learned.contains(".."))
        }
        #expect(report.probes.map(\.name) == probes.map(\.name))
        if let place = probes.firstIndex(where: { $0 == .madeUpSecret || $0 == .madeUpClient }) {
            #expect(probes[..<place].contains(.fakeRefreshToken))
        }
    }
}
