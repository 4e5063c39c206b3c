import OAuth2
import Testing

@testable import Diagnosis

@Suite("The plan of a diagnosis") struct DiagnosticianTests {
    private func subject(
        _ provider: Provider = .generic,
        _ grant: Grant = .clientCredentials,
        mayCost: Bool = false
    ) throws -> ProbeSubject {
        ProbeSubject(
            client: try #require(ClientName("billing")),
            provider: provider,
            grant: grant,
            method: .clientSecretBasic,
            tokenEndpoint: try EndpointURL("https://server.example/oauth2/token"),
            hasIssuer: true,
            hasKeys: true,
            hasScope: true,
            mayCost: mayCost
        )
    }

    private func failure(_ error: String, _ status: Int = 400, _ words: String? = nil) -> TokenEndpointFailure {
        TokenEndpointFailure(.configuration, error: error, serverWords: words, serverStatus: status)
    }

    private func diagnostician(_ subject: ProbeSubject, _ failure: TokenEndpointFailure?) -> Diagnostician {
        Diagnostician(
            subject,
            symptom: failure.map { Symptom(provider: subject.provider, grant: subject.grant, failure: $0) },
            observations: [],
            now: .seconds(1)
        )
    }

    @Test("does not call a refresh token a code because another error came before its end")
    func chainOfRefreshToken() throws {
        var refused = failure("invalid_grant")
        refused.failureClass = .loginRequired
        let first = Observation(.firstErrorOfChain, "The first answer to the refresh token was invalid_request.")
        let symptom = Symptom(provider: .generic, grant: .refreshToken, failure: refused)
        let report = Diagnosis.report(on: symptom, observations: [first])
        #expect(!report.causes.map(\.id).contains(CauseID.codeConsumedByFirstError.rawValue))
        #expect(report.causes.first?.id == CauseID.refreshTokenReused.rawValue)
        #expect(report.causes.first?.confidence != .certain && report.inseparable.count > 1)
        #expect(report.causes.first?.evidence.contains(first.evidence) == true)
        let ofCode = Symptom(provider: .generic, grant: .authorizationCode, failure: refused)
        let code = Diagnosis.report(on: ofCode, observations: [first])
        #expect(code.causes.first?.id == CauseID.codeConsumedByFirstError.rawValue)
    }

    private func answer(_ failure: TokenEndpointFailure) -> ProbeOutcome {
        .answer(.failure(failure), roundTrip: .milliseconds(20))
    }

    private let granted = ProbeOutcome.answer(
        .success(GrantSummary(lifetime: .seconds(3_600), scope: "read", claims: ["iss": "https://server.example"])),
        roundTrip: .milliseconds(7)
    )

    @Test("asks of Cognito's unauthorized_client one thing, and is certain by the answer")
    func oneProbe() throws {
        var plan = diagnostician(try subject(.cognito), failure("unauthorized_client"))
        #expect(plan.next() == .fakeRefreshToken)
        plan.learn(from: .fakeRefreshToken, answer(failure("unauthorized_client")), at: .seconds(2))
        #expect(plan.next() == nil)
        let report = plan.report(health: Health())
        #expect(report.causes.first?.id == "grant_not_allowed" && report.causes.first?.confidence == .certain)
        #expect(report.causes.last?.id == "wrong_secret" && report.causes.last?.confidence == .unlikely)
        #expect(report.causes.first?.remedy.contains("[clients.billing]") == true && report.inseparable.isEmpty)
        // What costs would tell nothing more.
        #expect(report.notes.isEmpty)
        let probe = try #require(report.probes.first)
        #expect(
            probe.asked
                == "POST https://server.example/oauth2/token with grant_type=refresh_token and a made-up token, "
                + "authenticated as configured (client_secret_basic, form-encoded)"
        )
        #expect(probe.learned.contains("the client is accepted") && probe.serverStatus == 400 && probe.at == 2)
        #expect(report.failure?.error == "unauthorized_client")
    }

    @Test("asks nothing where the provider's own code names the cause, but whether it still stands")
    func namedByCode() throws {
        var named = failure("invalid_client", 401)
        named.providerCode = "7000222"
        var plan = diagnostician(try subject(.entra), named)
        #expect(plan.next() == .asConfigured)
        plan.learn(from: .asConfigured, answer(named), at: .seconds(2))
        #expect(plan.next() == nil)
        let report = plan.report(health: Health())
        #expect(report.causes.first?.id == "secret_expired" && report.causes.first?.confidence == .certain)
    }

    @Test("says what the variant that is accepted is")
    func variant() throws {
        var plan = diagnostician(try subject(.cognito), failure("invalid_client"))
        while let probe = plan.next() {
            let accepts = probe == .variant(AuthenticationVariant(form: .body, secret: 0))
            plan.learn(from: probe, answer(failure(accepts ? "invalid_grant" : "invalid_client")), at: .seconds(2))
        }
        let cause = try #require(plan.report(health: Health()).causes.first)
        #expect(cause.id == "authentication_method" && cause.confidence == .certain)
        #expect(cause.evidence.contains { $0.contains("client_authentication = \"client_secret_post\"") })
    }

    @Test("explains what is amiss here without a probe, and by its own name")
    func local() throws {
        let local = TokenEndpointFailure(.configuration, .secretUnreadable, words: "there is no such file")
        let plan = diagnostician(try subject(), local)
        #expect(plan.next() == nil)
        let report = plan.report(health: Health())
        #expect(report.causes.map(\.id) == ["secret_unreadable"] && report.causes[0].confidence == .certain)
        #expect(report.verdict == report.causes[0].summary && report.verdict.contains("there is no such file"))
    }

    @Test("calls a client healthy that nothing is wrong with, with what the token says")
    func healthy() throws {
        var plan = diagnostician(try subject(), nil)
        var probes: [Probe] = []
        while let probe = plan.next() {
            probes.append(probe)
            let outcome: ProbeOutcome =
                switch probe {
                case .name: .addresses(["192.0.2.1"])
                case .connection: .connected(roundTrip: .milliseconds(3), certificate: nil)
                case .keys: .keys(.success(2))
                case .asConfigured: granted
                case .fakeRefreshToken: answer(failure("invalid_grant"))
                default: .notAsked("no issuer is known")
                }
            plan.learn(from: probe, outcome, at: .seconds(2))
        }
        #expect(probes == [.name, .connection, .metadata, .keys, .fakeRefreshToken, .asConfigured])
        let report = plan.report(health: Health())
        #expect(report.healthy && report.causes.isEmpty && report.failure == nil)
        #expect(report.health?.roundTripMilliseconds == 7 && report.health?.expiresIn == 3_600)
        #expect(report.health?.claims == ["iss": "https://server.example"] && report.health?.scope == "read")
        #expect(report.notes == ["Left out: metadata, for the reason beside each."])
    }

    @Test("calls a client healthy now whose failure is over, and names it")
    func healthyNow() throws {
        var plan = diagnostician(try subject(), failure("server_error", 500))
        while let probe = plan.next() {
            plan.learn(
                from: probe,
                probe == .asConfigured ? granted : answer(failure("invalid_grant")),
                at: .seconds(2)
            )
        }
        let report = plan.report(health: Health())
        #expect(report.healthy && report.verdict.contains("server_error") && report.verdict.contains("works now"))
        #expect(report.failure?.error == "server_error" && report.health?.expiresIn == 3_600)
    }

    @Test("does not blame a secret for characters that secrets have, but asks whether they are read otherwise")
    func ordinaryCharacters() throws {
        let symptom = Symptom(provider: .cognito, grant: .clientCredentials, failure: failure("invalid_client"))
        let found = Observation(.secretHasEncodedCharacters, "The secret has a +.")
        var plan = Diagnostician(try subject(.cognito), symptom: symptom, observations: [found], now: .seconds(1))
        var asked: [Probe] = []
        while let probe = plan.next() {
            asked.append(probe)
            plan.learn(from: probe, answer(failure("invalid_client")), at: .seconds(2))
        }
        #expect(asked.contains(.variant(AuthenticationVariant(form: .basicRaw, secret: 0))))
        let report = plan.report(health: Health())
        #expect(report.causes.first?.id == "wrong_secret" && report.causes.first?.confidence == .possible)
        // What the lint would have found.
        for id in ["secret_malformed", "identifier_and_secret_swapped", "secret_not_sent"] {
            #expect(report.causes.first { $0.id == id }?.confidence == .unlikely, "\(id)")
        }
    }

    @Test("does not leave out that a refresh token which never worked may have been revoked before")
    func handedOver() throws {
        let symptom = Symptom(provider: .cognito, grant: .refreshToken, failure: failure("invalid_grant"))
        let found = [Finding.neverWorked, .refreshTokenNeverWorked].map { Observation($0, "It never worked.") }
        var plan = Diagnostician(
            try subject(.cognito, .refreshToken),
            symptom: symptom,
            observations: found,
            now: .zero
        )
        plan.learn(from: .fakeRefreshToken, answer(failure("invalid_grant")), at: .seconds(2))
        let report = plan.report(health: Health())
        #expect(report.causes.first?.id == "refresh_token_of_another_client")
        #expect(report.inseparable.contains("refresh_token_revoked"))
        #expect(report.inseparable.contains("refresh_token_expired"))
    }

    @Test("says of what costs that it was left out, while it would tell more")
    func leftOut() throws {
        var plan = diagnostician(try subject(.cognito), failure("invalid_grant"))
        while let probe = plan.next() { plan.learn(from: probe, answer(failure("invalid_grant")), at: .seconds(2)) }
        let report = plan.report(health: Health())
        #expect(report.notes.contains { $0.contains("tokenctl diagnose billing --spend") })
        #expect(report.verdict.hasSuffix(", or it is another cause, which no probe told from it."))
    }

    @Test("does not call certain what something found cannot go with")
    func contradicted() throws {
        var plan = diagnostician(
            try subject(.entra, .refreshToken),
            failure("invalid_client", 401, "AADSTS7000222: no.")
        )
        plan.learn(from: .fakeRefreshToken, answer(failure("invalid_grant")), at: .seconds(2))
        let first = try #require(plan.report(health: Health()).causes.first)
        #expect(first.id == "secret_expired" && first.confidence != .certain)
        #expect(first.against?.isEmpty == false && first.evidence.allSatisfy { first.against?.contains($0) == false })
    }

    @Test(
        "names only the way back to a grant that the client has",
        arguments: [Grant.refreshToken, .authorizationCode]
    )
    func wayBack(grant: Grant) throws {
        var refused = failure("invalid_grant")
        refused.failureClass = .loginRequired
        let plan = Diagnostician(
            try subject(.cognito, grant),
            symptom: Symptom(provider: .cognito, grant: .refreshToken, failure: refused),
            observations: [],
            now: .seconds(1)
        )
        let likeliest = Diagnosis.explain(
            refused,
            client: plan.subject.client,
            grant: grant,
            provider: .cognito,
            presented: .refreshToken
        )
        let remedies = plan.report(health: Health()).causes.map(\.remedy) + [likeliest.remedy]
        let other = grant == .refreshToken ? "tokenctl login" : "a new refresh token where"
        #expect(remedies.count > 5 && !remedies.contains { $0.contains(other) }, "\(remedies)")
    }

    @Test("diagnoses the failure that the check-up meets")
    func checkUpFails() throws {
        var plan = diagnostician(try subject(.cognito, .refreshToken), nil)
        while let probe = plan.next() {
            let outcome: ProbeOutcome =
                switch probe {
                case .name: .addresses(["192.0.2.1"])
                case .connection: .connected(roundTrip: .milliseconds(3), certificate: nil)
                case .metadata: .notAsked("no issuer is known")
                case .keys: .keys(.success(2))
                default: answer(failure("invalid_client"))
                }
            plan.learn(from: probe, outcome, at: .seconds(2))
        }
        let report = plan.report(health: Health())
        #expect(!report.healthy && report.causes.first?.id == "wrong_secret")
        #expect(report.inseparable.prefix(2) == ["wrong_secret", "unknown_client"])
        let others = report.inseparable.count - 1
        #expect(report.verdict.hasSuffix(", or it is one of \(others) other causes, which no probe told from it."))
        #expect(report.causes[0].lookUp?.contains("CloudTrail") == true)
    }

    @Test("tells of clocks that differ by more than ten seconds", arguments: [-3_600, -11, -10, 0, 10, 11, 3_600])
    func clocks(skew: Int) throws {
        var plan = diagnostician(try subject(.cognito), nil)
        var fake = failure("invalid_grant")
        fake.clockSkew = .seconds(skew)
        plan.learn(from: .fakeRefreshToken, answer(fake), at: .seconds(2))
        let report = plan.report(health: Health())
        #expect(report.healthy == (abs(skew) <= 10))
        guard abs(skew) > 10 else { return }
        #expect(report.causes.map(\.id) == ["clock_wrong"])
        #expect(report.verdict.contains("\(abs(skew)) s \(skew > 0 ? "behind" : "ahead of")"))
    }

    @Test("takes a refused assertion for the clocks' fault where they differ, and else for the key's")
    func assertion() throws {
        for skew in [0, 600] {
            var refused = failure("invalid_client", 401)
            refused.assertion = PresentedAssertion(
                purposes: [.client(signedWithSecret: false)],
                clockSkew: .seconds(skew)
            )
            var subject = try subject()
            subject.method = .privateKeyJWT
            let report = diagnostician(subject, refused).report(health: Health())
            #expect(report.causes.first?.id == (skew == 0 ? "assertion_refused" : "clock_wrong"))
        }
    }

    @Test("does not ask again what blocks those who ask, or what a server wants to be left alone with")
    func leftAlone() throws {
        var blocked = failure("invalid_grant")
        blocked.providerCode = "50196"
        blocked.failureClass = .halted
        #expect(diagnostician(try subject(.entra), blocked).next() == nil)
        var limited = failure("rate_limited", 429)
        limited.failureClass = .transient
        #expect(diagnostician(try subject(), limited).next() == nil)
    }

    /// The failures and outcomes that a walk draws from.
    private static let failures: [TokenEndpointFailure] = {
        let errors =
            OAuthErrorCode.allCases.map(\.rawValue) + AnswerFault.allCases.map(\.rawValue)
            + LocalFault.allCases.map(\.rawValue) + ["grumpy", "scope_invalid", "7000215", "bad_refresh_token"]
        let answered = errors.enumerated().map { place, error in
            TokenEndpointFailure(
                FailureClass.allCases[place % FailureClass.allCases.count],
                error: error,
                serverWords: place % 3 == 0 ? "words of the server" : nil,
                serverStatus: [200, 400, 401, 403, 404, 405, 429, 500][place % 8]
            )
        }
        return answered
            + TransportFailure.allCases.map { TokenEndpointFailure(transport: $0, words: nil, grant: .refreshToken) }
    }()

    @Test("ends at whatever is answered, asks nothing twice, and never what costs unasked", arguments: 0..<40)
    func walk(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        for _ in 0..<40 {
            let provider = random.pick(Provider.allCases)
            let grant = random.pick(Grant.allCases)
            var subject = try subject(provider, grant, mayCost: random.pick([false, false, true]))
            subject.method = random.pick(AuthenticationMethod.allCases)
            subject.secretCount = random.pick([0, 1, 2, 3])
            subject.usesProxy = random.pick([false, true])
            if random.pick([false, false, true]) { subject.tokenEndpoint = nil }
            let symptom =
                random.pick([false, true, true])
                ? Symptom(provider: provider, grant: random.pick([grant, nil]), failure: random.pick(Self.failures))
                : nil
            let observations = (0..<random.pick([0, 1, 4])).map { _ in
                Observation(random.pick(Finding.allCases), "It was found.")
            }
            var plan = Diagnostician(subject, symptom: symptom, observations: observations, now: .seconds(1))
            var asked: Set<Probe> = []
            while let probe = plan.next() {
                #expect(asked.insert(probe).inserted, "\(probe.name)")
                try #require(asked.count <= subject.probes.count)
                if subject.isBilled, !subject.mayCost {
                    #expect(subject.presentation(of: probe) != .ownAuthority)
                }
                plan.learn(from: probe, outcome(of: probe, &random), at: .seconds(2))
            }
            let report = plan.report(health: Health())
            #expect(report.healthy == report.causes.isEmpty && !report.verdict.isEmpty)
            #expect(report.verdict.hasSuffix(".") && !report.verdict.contains("{"))
            #expect(report.probes.count == asked.count && report.inseparable.count != 1)
            for cause in report.causes { #expect(!cause.remedy.contains("{") && !cause.summary.contains("{")) }
        }
    }

    private func outcome(of probe: Probe, _ random: inout SplitMix) -> ProbeOutcome {
        if random.pick([false, false, false, false, true]) { return .notAsked("The server wants to be left alone.") }
        switch probe {
        case .name: return .addresses(random.pick([[], ["192.0.2.1"]]))
        case .connection:
            let faults: [CertificateSummary.Fault?] = [nil, nil, .expired, .forAnotherName, .untrusted("its own")]
            let certificate = CertificateSummary(names: [], validUntil: .seconds(9), fault: random.pick(faults))
            return random.pick([
                .connected(roundTrip: .milliseconds(1), certificate: certificate),
                .notConnected(random.pick(TransportFailure.allCases), words: nil),
            ])
        case .metadata: return .metadata(.failure(random.pick(Self.failures)))
        case .keys:
            return random.pick([.keys(.success(1)), .keys(.success(0)), .keys(.failure(random.pick(Self.failures)))])
        default: return random.pick([granted, answer(random.pick(Self.failures)), answer(random.pick(Self.failures))])
        }
    }
}

/// Random numbers that a seed repeats.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(next() % UInt64(elements.count))]
    }
}
