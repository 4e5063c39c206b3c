import OAuth2

/// What holds of every answer that a token endpoint may give, however it is broken.
package enum AnswerProperties {
    /// What the request presented, which some servers repeat.
    private static let presented = "hunter2-hunter2"

    /// What does not hold of the answer that `input` is; empty when all is well.
    package static func violations(of input: [UInt8]) -> [String] {
        let input = AnswerInput(input)
        let result = read(input.answer, input)
        var violations: [String] = []
        if read(input.answer, input) != result { violations.append("read again it is another") }
        let texts = BodyTexts(input.body)
        switch result {
        case .success(let response):
            if !(200..<300).contains(input.status) { violations.append("a token under status \(input.status)") }
            if texts.statesError { violations.append("a token beside an error") }
            violations += self.violations(of: response, among: texts.values)
        case .failure(let failure):
            violations += self.violations(of: failure, hiding: texts.tokens + [presented])
            if failure.failureClass == .loginRequired, !mayEndGrant(failure, input) {
                violations.append("a grant is dropped without the server's word")
            }
        }
        return violations + violationsWhenCut(input, whole: result)
    }

    private static func read(
        _ answer: HTTPAnswer,
        _ input: AnswerInput
    ) -> Result<TokenResponse, TokenEndpointFailure> {
        TokenAnswer.read(answer, grant: input.grant, provider: input.provider, presented: [Secret(presented)])
    }

    /// Whether a code that means just that was stated, to a client that has a grant.
    private static func mayEndGrant(_ failure: TokenEndpointFailure, _ input: AnswerInput) -> Bool {
        guard input.grant == .refreshToken else { return false }
        let words = [failure.error, failure.providerCode ?? ""].map { $0.lowercased() }
        return words.contains { word in
            input.provider.profile.codes[word] == .loginRequired
                || OAuthErrorCode(rawValue: word)?.failureClass(for: .refreshToken) == .loginRequired
        } || failure.serverWords?.contains("(suberror ") == true
    }

    private static func violations(of response: TokenResponse, among texts: [String]) -> [String] {
        var violations: [String] = []
        let token = response.accessToken.exposed()
        if token.isEmpty || !token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            violations.append("a token that cannot stand in a header")
        }
        for secret in [response.accessToken, response.refreshToken].compactMap({ $0?.exposedBytes() })
        where !texts.contains(where: { Array($0.utf8) == secret }) {
            violations.append("a token that is not in the body")
        }
        if let lifetime = response.expiresIn {
            if lifetime < .seconds(1) || lifetime > TokenResponse.maximumLifetime {
                violations.append("a lifetime of \(lifetime)")
            }
            if lifetime.components.attoseconds != 0 { violations.append("a lifetime of no whole seconds") }
        }
        if response.tokenType.isEmpty || response.tokenType.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F }) {
            violations.append("a type that cannot stand in a header")
        }
        if response.scope?.tokens.allSatisfy(ScopeSet.isValid) == false { violations.append("a scope that is none") }
        return violations
    }

    private static func violations(of failure: TokenEndpointFailure, hiding secrets: [String]) -> [String] {
        var violations: [String] = []
        if failure.error.isEmpty { violations.append("an error without a name") }
        if let retryAfter = failure.retryAfter, !(.zero...HTTPAnswer.maximumRetryAfter).contains(retryAfter) {
            violations.append("a Retry-After of \(retryAfter)")
        }
        let isOurs = AnswerFault.allCases.contains { $0.rawValue == failure.error }
        for shown in [failure.serverWords, isOurs ? nil : failure.error, failure.providerCode, failure.requestID]
            .compactMap(\.self)
        {
            if shown.isEmpty || shown.utf8.count > TokenEndpointFailure.maximumWords {
                violations.append("\(shown.utf8.count) bytes of words")
            }
            if !shown.unicodeScalars.allSatisfy(isPrintable) { violations.append("words that cannot be printed") }
            if secrets.contains(where: { isShown($0, in: shown) }) {
                violations.append("words with a secret: \(shown)")
            }
        }
        return violations
    }

    /// A cut answer grants what the whole one does, when it still proves its end, or nothing.
    private static func violationsWhenCut(
        _ input: AnswerInput,
        whole: Result<TokenResponse, TokenEndpointFailure>
    ) -> [String] {
        let count = input.body.count
        for length in Set([count - 1, count / 2, count / 4]) where (0..<count).contains(length) {
            guard case .success(let granted) = read(input.cut(to: length), input) else { continue }
            // What follows may be what makes the whole of it no JSON.
            guard case .success(let response) = whole, response != granted else { continue }
            return ["cut to \(length) bytes it is another token"]
        }
        return []
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }

    /// Whether `secret` stands in `words` by other means than the mask, which spells a word itself.
    private static func isShown(_ secret: String, in words: String) -> Bool {
        let isSimple = secret.utf8.allSatisfy { (0x21...0x7E).contains($0) } && !secret.contains { "[]".contains($0) }
        guard secret.utf8.count >= 4, isSimple, !"[masked]".contains(secret) else { return false }
        return Array(words.utf8).firstRange(of: Array(secret.utf8)) != nil
    }
}
