import OAuth2

@testable import Diagnosis

/// A token endpoint as far as its refusals go: it takes a client at its word or does not, in a provider's manner.
struct SimulatedServer {
    /// What a server can hold against a request, in the order in which it looks.
    enum Objection: Hashable {
        case client, secret, grant, scope, refreshToken, code
    }

    /// In the provider's words.
    struct Refusal {
        var status: Int
        var error: String
        var words: String?
        var code: String?

        init(_ status: Int, _ error: String, _ words: String? = nil, code: String? = nil) {
            (self.status, self.error, self.words, self.code) = (status, error, words, code)
        }
    }

    /// What is between.
    enum Way {
        case free, noName, noConnection, page(Int), empty(Int), limit, failure
        case certificate(CertificateSummary.Fault)
    }

    var provider = Provider.generic
    var refusals: [Objection: Refusal] = [
        .client: Refusal(401, "invalid_client"), .secret: Refusal(401, "invalid_client"),
        .grant: Refusal(400, "unauthorized_client"), .scope: Refusal(400, "invalid_scope"),
        .refreshToken: Refusal(400, "invalid_grant"), .code: Refusal(400, "invalid_grant"),
    ]
    var way = Way.free

    /// What it holds against the client whatever it does.
    var standing: Objection?

    /// Whether the secret is in the configuration, at this place.
    var rightSecret: Int? = 0
    var forms: Set<AuthenticationVariant.Form> = [.basicForm, .basicRaw, .body]
    var grants = Set(Grant.allCases)
    var takesScope = true
    var issuerIsThere = true
    var clockSkew: Duration = .zero

    /// Whether it refuses a refresh token that it does not know before it looks at the client.
    var looksAtTokenFirst = false

    /// What the client presented of its own is not what the server takes.
    var presentedIsRefused = false
    var requestID: String?

    /// What comes of `probe`.
    func outcome(of probe: Probe, _ subject: ProbeSubject) -> ProbeOutcome {
        switch (probe, way) {
        case (.name, .noName): .addresses([])
        case (.name, _): .addresses(["192.0.2.1"])
        case (.connection, .noConnection): .notConnected(.connectionRefused, words: nil)
        case (.connection, .noName): .notConnected(.nameNotFound, words: nil)
        case (.connection, .certificate(let fault)): connected(fault)
        case (.connection, _): connected(nil)
        case (.keys, _):
            issuerIsThere ? .keys(.success(2)) : .keys(.failure(refusal(Refusal(400, "not_found"), .refreshToken)))
        case (.metadata, _):
            .metadata(.failure(TokenEndpointFailure(.transient, .metadataUnavailable)))
        default: answer(probe, subject)
        }
    }

    private func connected(_ fault: CertificateSummary.Fault?) -> ProbeOutcome {
        let certificate = CertificateSummary(
            names: ["server.example"],
            validUntil: .seconds(4_000_000_000),
            fault: fault
        )
        return .connected(roundTrip: .milliseconds(3), certificate: certificate)
    }

    private func answer(_ probe: Probe, _ subject: ProbeSubject) -> ProbeOutcome {
        .answer(result(probe, subject), roundTrip: .milliseconds(20))
    }

    /// The failure of the client's own request; nil when it is given a token.
    func failure(_ subject: ProbeSubject, presenting grant: Grant) -> TokenEndpointFailure? {
        var subject = subject
        subject.mayCost = true
        guard case .failure(let failure) = result(.asConfigured, subject, grant) else { return nil }
        return failure
    }

    private func result(
        _ probe: Probe,
        _ subject: ProbeSubject,
        _ own: Grant? = nil
    ) -> Result<GrantSummary, TokenEndpointFailure> {
        let presentation = subject.presentation(of: probe)
        let grant =
            presentation == .fakeCode
            ? .authorizationCode : presentation == .fakeRefreshToken ? .refreshToken : own ?? subject.grant
        if let blocked = blocked(grant) { return .failure(blocked) }
        guard let objection = objection(to: probe, subject, grant, isFake: presentation != .ownAuthority) else {
            return .success(GrantSummary(lifetime: .seconds(3_600), scope: "read"))
        }
        return .failure(refusal(refusals[objection] ?? Refusal(400, "invalid_request"), grant))
    }

    private func objection(to probe: Probe, _ subject: ProbeSubject, _ grant: Grant, isFake: Bool) -> Objection? {
        if looksAtTokenFirst, isFake, grant == .refreshToken { return .refreshToken }
        if probe == .madeUpClient { return .client }
        if let standing, standing == .client || standing == .secret { return standing }
        if probe == .madeUpSecret { return .secret }
        var form = subject.form
        var secret = subject.method.means == .secret ? 0 : nil as Int?
        if case .variant(let variant) = probe { (form, secret) = (variant.form, variant.secret) }
        let isProved = form == .none ? forms.contains(.none) : forms.contains(form) && secret == rightSecret
        if subject.method.means != .privateKey, !isProved { return .secret }
        if !grants.contains(grant) { return .grant }
        if !isFake, subject.hasScope, !takesScope, probe != .withoutScope { return .scope }
        if isFake || presentedIsRefused { return grant == .authorizationCode ? .code : .refreshToken }
        return standing
    }

    private func blocked(_ grant: Grant) -> TokenEndpointFailure? {
        switch way {
        case .free: return nil
        case .noName: return TokenEndpointFailure(transport: .nameNotFound, words: nil, grant: grant)
        case .noConnection: return TokenEndpointFailure(transport: .connectionRefused, words: nil, grant: grant)
        case .certificate: return TokenEndpointFailure(transport: .certificateRefused, words: nil, grant: grant)
        case .page(let status): return read(status, "<html><body>words</body></html>", "text/html", grant)
        case .empty(let status): return read(status, "", nil, grant)
        case .limit: return read(429, "", nil, grant)
        case .failure: return read(500, "{\"message\":\"Internal Server Error\"}", "application/json", grant)
        }
    }

    private func refusal(_ refusal: Refusal, _ grant: Grant) -> TokenEndpointFailure {
        guard !refusal.error.isEmpty else { return read(refusal.status, "", nil, grant) }
        var members = ["\"error\":\"\(refusal.error)\""]
        if let words = refusal.words { members.append("\"error_description\":\"\(words)\"") }
        if let code = refusal.code { members.append("\"error_codes\":[\(code)]") }
        return read(refusal.status, "{\(members.joined(separator: ","))}", "application/json", grant)
    }

    private func read(_ status: Int, _ body: String, _ type: String?, _ grant: Grant) -> TokenEndpointFailure {
        var headers = [(name: "Content-Length", value: "\(body.utf8.count)")]
        if let type { headers.append((name: "Content-Type", value: type)) }
        if let requestID, let name = provider.profile.requestIDHeader { headers.append((name: name, value: requestID)) }
        let answer = HTTPAnswer(status: status, headers: headers, body: Array(body.utf8), now: .seconds(1_800_000_000))
        guard case .failure(var failure) = TokenAnswer.read(answer, grant: grant, provider: provider) else {
            preconditionFailure("an error is no token")
        }
        failure.clockSkew = clockSkew
        return failure
    }
}
