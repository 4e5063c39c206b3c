import Diagnosis
import LocalAPI
import OAuth2

/// Says what pasted responses mean: the first error of a chain, or the success that it ends with.
struct ResponseExplanation {
    private let pasted: PastedResponses
    private let stated: Provider?
    private let grant: Grant?
    private let now: Duration

    /// - Parameters:
    ///   - provider: Nil to recognise it.
    ///   - grant: Nil where it is not known.
    ///   - now: Since 1970-01-01 UTC by this machine's clock.
    init(_ pasted: PastedResponses, provider: Provider?, grant: Grant?, now: Duration) {
        self.pasted = pasted
        stated = provider
        self.grant = grant ?? pasted.request.grant
        self.now = now
    }

    func report() throws(Failure) -> DiagnosisReport {
        if let transport = pasted.transport {
            let failure = TokenEndpointFailure(transport: transport.failure, words: transport.words, grant: grant)
            return Explainer.report(on: Symptom(provider: stated ?? .generic, grant: grant, failure: failure))
        }
        let final = Self.final(pasted.responses)
        guard !final.isEmpty else {
            throw PastedInput.usage(
                "standard input holds no final response",
                "Give the whole of it: `curl -sS -i … | tokenctl explain -`."
            )
        }
        let recognition = stated == nil ? recognition(final) : nil
        let provider = stated ?? recognition?.provider ?? .generic
        let readings = final.map { read($0, provider) }
        var report: DiagnosisReport
        if case .success(let granted) = readings.last {
            report = Self.success(granted, provider, grant)
            report.notes += chain(before: readings.dropLast())
        } else {
            report = explained(final, readings, provider)
        }
        if pasted.responses.contains(where: { Self.isRedirect($0) }), !Self.isRedirect(final[0]) {
            report.notes.append("A redirect came before it; the daemon never follows one with credentials.")
        }
        if let recognition {
            report.notes.append(
                "Read as an answer of \(provider.rawValue), by \(recognition.sign); --provider has it read as another's."
            )
        } else if stated == nil, !report.healthy {
            report.notes.append("Whose answer it is cannot be told from it; --provider says more of its causes.")
        }
        return report
    }

    private typealias Reading = Result<TokenResponse, TokenEndpointFailure>

    /// The first error, with what came after it.
    private func explained(
        _ final: [PastedResponses.Response],
        _ readings: [Reading],
        _ provider: Provider
    ) -> DiagnosisReport {
        let failures = readings.compactMap { reading -> TokenEndpointFailure? in
            if case .failure(let failure) = reading { failure } else { nil }
        }
        let failure = failures[0]
        var report = Explainer.report(on: Symptom(provider: provider, grant: grant, failure: failure))
        let answered = readings.firstIndex { if case .failure = $0 { true } else { false } } ?? 0
        report.failure?.at = answer(final[answered]).date.map { Int($0.components.seconds) }
        let later = failures.dropFirst().map { StatusTable.refusal($0.error, status: $0.serverStatus, words: nil) }
        if !later.isEmpty {
            report.notes.append(
                "The first of \(failures.count) errors is explained; after it came \(later.joined(separator: ", then "))."
            )
        }
        if failure.error != OAuthErrorCode.invalidGrant.rawValue,
            failures.dropFirst().contains(where: { $0.error == OAuthErrorCode.invalidGrant.rawValue })
        {
            report.notes.append(
                "The invalid_grant after it is what it left behind where it had used up the code or refresh token."
            )
        }
        if let ahead = failure.clockSkew {
            report.notes.append(
                "By its Date this machine's clock is \(DurationText.text(ahead)) behind the server's: a response that "
                    + "was kept could only seem older."
            )
        }
        return report
    }

    private func chain(before failures: ArraySlice<Reading>) -> [String] {
        guard case .failure(let first)? = failures.first else { return [] }
        let tries = failures.count == 1 ? "One try" : "\(failures.count) tries"
        return ["\(tries) before it failed, the first with \(first.error)."]
    }

    /// What was granted, but for the tokens.
    private static func success(_ granted: TokenResponse, _ provider: Provider, _ grant: Grant?) -> DiagnosisReport {
        let life = granted.expiresIn.map { "for \(DurationText.text($0))" } ?? "without a stated end"
        let others = [granted.refreshToken.map { _ in "a refresh token" }, granted.idToken.map { _ in "an ID token" }]
            .compactMap(\.self)
        let beside = others.isEmpty ? "" : ", with \(others.joined(separator: " and "))"
        return DiagnosisReport(
            provider: provider.rawValue,
            grant: grant?.name,
            healthy: true,
            verdict: "This is a success: a \(granted.tokenType) access token \(life)\(beside).",
            health: Health(
                expiresIn: granted.expiresIn.map { Int($0.components.seconds) },
                scope: granted.scope.map { ServerText.shown($0.tokens.sorted().joined(separator: " ")) }
            ),
            notes: ["It holds live tokens: keep it out of logs and tickets."]
        )
    }

    private func read(_ response: PastedResponses.Response, _ provider: Provider) -> Reading {
        let answer = answer(response)
        let reading = TokenAnswer.read(
            answer,
            grant: grant ?? .clientCredentials,
            provider: provider,
            presented: pasted.request.secrets
        )
        guard case .failure(var failure) = reading else { return reading }
        if grant == nil, failure.error == OAuthErrorCode.invalidGrant.rawValue {
            // No more is known than that something was presented, which those seldom present that have nothing.
            let presented = TokenAnswer.read(answer, grant: .refreshToken, provider: provider)
            if case .failure(let other) = presented { failure.failureClass = other.failureClass }
        }
        failure.serverStatus = response.status
        failure.providerCode = failure.providerCode ?? ServerText.entraCode(in: failure.serverWords)
        // One from the past is old; one from the future is not.
        failure.clockSkew = answer.clockSkew(sent: now).flatMap { $0 > .zero ? $0 : nil }
        return .failure(failure)
    }

    private func answer(_ response: PastedResponses.Response) -> HTTPAnswer {
        // It is as whole as it was pasted, whatever its own length was.
        let headers = response.headers.filter {
            !["content-length", "transfer-encoding"].contains($0.name.lowercased())
        }
        return HTTPAnswer(
            status: response.status ?? 200,
            headers: headers + [("Content-Length", "\(response.body.count)")],
            body: response.body,
            now: now
        )
    }

    private func recognition(_ final: [PastedResponses.Response]) -> ProviderRecognition? {
        final.lazy.compactMap { ProviderRecognition($0, host: pasted.request.host) }.first
    }

    private static func isRedirect(_ response: PastedResponses.Response) -> Bool {
        (300..<400).contains(response.status ?? 0)
    }

    /// Without what only leads to another: interim answers, a proxy's, and redirects that were followed.
    private static func final(_ responses: [PastedResponses.Response]) -> [PastedResponses.Response] {
        responses.indices.filter { place in
            let response = responses[place]
            let isLast = place == responses.count - 1
            guard let status = response.status, !(100..<200).contains(status) else { return response.status == nil }
            if response.reason.lowercased().hasSuffix("connection established") { return false }
            return isLast || !(isRedirect(response) || status == 407)
        }
        .map { responses[$0] }
    }
}

/// Words of a server that were not read as an error's.
enum ServerText {
    /// Printable, and masked where it may hold a token.
    static func shown(_ text: String) -> String { TokenMask.applied(to: EventText.printable(text)) }

    /// The number in Entra ID's words, which begin with it.
    static func entraCode(in words: String?) -> String? {
        guard let words, words.hasPrefix("AADSTS") else { return nil }
        let digits = words.dropFirst(6).prefix { $0.isASCII && $0.isNumber }
        return digits.isEmpty || digits.count > 8 ? nil : String(digits)
    }
}
