import Diagnosis
import OAuth2

/// Says what a code means: a protocol's, a provider's, one of our names for faults, or a cause's.
struct CodeExplanation {
    private let code: String
    private let stated: Provider?
    private let grant: Grant?

    init(_ text: String, provider: Provider?, grant: Grant?) {
        let code = text.lowercased().filter { !$0.isWhitespace && !"\"',;".contains($0) }
        let entra = code.hasPrefix("aadsts") ? code.dropFirst(6).prefix { $0.isNumber } : ""
        self.code = entra.isEmpty ? code : String(entra)
        stated = provider ?? (entra.isEmpty ? nil : .entra)
        self.grant = grant
    }

    func report() throws(Failure) -> DiagnosisReport {
        let owners = Provider.allCases.filter { $0.profile.codes[code] != nil }
        let isStandard = OAuthErrorCode(rawValue: code) != nil
        let provider = stated ?? (isStandard ? nil : owners.first) ?? .generic
        guard var report = report(as: provider) else { throw unknown(owners) }
        report.notes += note(isStandard ? [] : owners, isStandard) + Explainer.hint(report)
        return report
    }

    private func report(as provider: Provider) -> DiagnosisReport? {
        let failure = failure(of: provider)
        if let failure, failure.localFault != nil {
            return Explainer.plain(Symptom(provider: provider, grant: grant, failure: failure))
        }
        if let report = Diagnosis.report(onCode: code, provider: provider, grant: grant) { return report }
        return failure.map { Explainer.plain(Symptom(provider: provider, grant: grant, failure: $0)) }
    }

    private func note(_ owners: [Provider], _ isStandard: Bool) -> [String] {
        guard stated == nil else { return [] }
        if isStandard {
            return [
                grant == nil
                    ? "What is likely behind it differs between providers and grants; --provider and --grant say more."
                    : "What is likely behind it differs between providers; --provider says more."
            ]
        }
        return owners.isEmpty ? [] : ["It is a code of \(owners.map(\.rawValue).joined(separator: " and of "))."]
    }

    /// The failure that has the code; nil for a code that neither we nor a protocol nor the provider knows.
    private func failure(of provider: Provider) -> TokenEndpointFailure? {
        if let transport = TransportFailure(rawValue: code) {
            return TokenEndpointFailure(transport: transport, words: nil, grant: grant)
        }
        if let failureClass = provider.profile.codes[code] { return TokenEndpointFailure(failureClass, error: code) }
        if let standard = OAuthErrorCode(rawValue: code) {
            // Without a word of the grant the person is thought of whose grant is gone.
            return TokenEndpointFailure(standard.failureClass(for: grant ?? .refreshToken), error: code)
        }
        let isOurs = AnswerFault(rawValue: code) != nil || LocalFault(rawValue: code) != nil
        return isOurs ? TokenEndpointFailure(.configuration, error: code) : nil
    }

    private func unknown(_ owners: [Provider]) -> Failure {
        let shown = ServerText.shown(code)
        if let stated, let owner = owners.first {
            return PastedInput.usage(
                "\(shown) is no code of \(stated.rawValue), but of \(owner.rawValue)",
                "Write --provider \(owner.rawValue)."
            )
        }
        if code.count == 3, let status = Int(code), (100...599).contains(status) {
            return PastedInput.usage(
                "\(shown) is an HTTP status, which alone says little",
                "Pipe the whole response in: `curl -sS -i … | tokenctl explain -`."
            )
        }
        if stated == .entra, code.allSatisfy(\.isNumber), !code.isEmpty {
            return PastedInput.usage(
                "nothing is known of AADSTS\(shown)",
                "Look it up at https://login.microsoftonline.com/error?code=\(shown)."
            )
        }
        if CauseID(rawValue: code) != nil {
            return PastedInput.usage(
                "\(shown) is a cause that is not known of \((stated ?? .generic).rawValue) servers",
                "Write --provider, if it is another's."
            )
        }
        let near = KnownCodes.near(code)
        return PastedInput.usage(
            "nothing is known of the code \(shown)",
            near.isEmpty
                ? "Pipe the whole response in: `curl -sS -i … | tokenctl explain -`."
                : "Did you mean \(near.joined(separator: " or "))?"
        )
    }
}

/// The codes that something is known of.
enum KnownCodes {
    static let all: [String] = Set(
        OAuthErrorCode.allCases.map(\.rawValue) + AnswerFault.allCases.map(\.rawValue)
            + TransportFailure.allCases.map(\.rawValue) + LocalFault.allCases.map(\.rawValue)
            + CauseID.allCases.map(\.rawValue) + Provider.allCases.flatMap(\.profile.codes.keys)
    )
    .sorted()

    /// As many as a person looks through.
    private static let most = 3

    /// Longer ones are no code with a slip in it.
    private static let longest = 64

    /// Those that `code` may be meant for, the nearest first.
    static func near(_ code: String) -> [String] {
        guard (3...longest).contains(code.count) else { return [] }
        let limit = max(1, code.count / 4)
        let rated = all.compactMap { known -> (distance: Int, code: String)? in
            let distance = known.contains(code) ? 1 : distance(Array(code), Array(known))
            return distance <= limit ? (distance, known) : nil
        }
        return rated.sorted { ($0.distance, $0.code) < ($1.distance, $1.code) }.prefix(most).map(\.code)
    }

    /// How many letters are to be put in, taken away or changed (Levenshtein).
    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        var row = Array(0...other.count)
        for (place, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = place + 1
            for column in other.indices {
                let above = row[column + 1]
                row[column + 1] = min(above + 1, row[column] + 1, diagonal + (letter == other[column] ? 0 : 1))
                diagonal = above
            }
        }
        return row[other.count]
    }
}
