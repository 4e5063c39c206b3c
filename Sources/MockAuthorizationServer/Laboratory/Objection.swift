/// What a server can hold against a token request, before its provider words it.
package enum Objection: String, Error, Sendable, CaseIterable {
    case requestMalformed = "request_malformed"

    // Who asks
    case clientMissing = "client_missing"
    case clientUnknown = "client_unknown"
    case clientDisabled = "client_disabled"
    case methodNotRegistered = "method_not_registered"
    case secretMissing = "secret_missing"
    case secretWrong = "secret_wrong"
    case secretNotWanted = "secret_not_wanted"
    case assertionRefused = "assertion_refused"

    // What is asked
    case grantUnknown = "grant_unknown"
    case grantNotAllowed = "grant_not_allowed"
    case scopeNotAllowed = "scope_not_allowed"

    // What is presented
    case refreshTokenUnknown = "refresh_token_unknown"
    case refreshTokenSpent = "refresh_token_spent"
    case refreshTokenRevoked = "refresh_token_revoked"
    case refreshTokenExpired = "refresh_token_expired"
    case refreshTokenOfAnotherClient = "refresh_token_of_another_client"
    case codeUnknown = "code_unknown"
    case codeSpent = "code_spent"
    case codeExpired = "code_expired"
    case codeOfAnotherClient = "code_of_another_client"
    case redirectDiffers = "redirect_differs"
    case verifierDiffers = "verifier_differs"

    /// What a provider calls it that has no word of its own for it.
    var coarser: Objection? {
        switch self {
        case .clientMissing, .methodNotRegistered: .secretMissing
        case .clientUnknown, .clientDisabled, .secretMissing, .secretNotWanted: .secretWrong
        case .refreshTokenSpent, .refreshTokenRevoked, .refreshTokenExpired, .refreshTokenOfAnotherClient:
            .refreshTokenUnknown
        case .codeSpent, .codeExpired, .codeOfAnotherClient, .redirectDiffers, .verifierDiffers: .codeUnknown
        case .assertionRefused: .secretWrong
        case .requestMalformed, .secretWrong, .grantUnknown, .grantNotAllowed, .scopeNotAllowed, .refreshTokenUnknown,
            .codeUnknown:
            nil
        }
    }
}

/// A refusal in a provider's words.
struct Refusal: Error, Sendable, Equatable {
    var status: Int
    var error: String
    var description: String?

    /// The number that Entra ID gives beside its words.
    var number: Int?

    /// What narrows `error` down: Entra ID's `suberror`, Google's `error_subtype`.
    var suberror: String?

    /// The whole body in place of a document.
    var page: Page?

    /// Whether it is another's, who stands before the provider.
    var isForeign = false
    var headers: [String: String] = [:]

    /// A body that is no error document.
    struct Page: Sendable, Equatable {
        var text: String
        var contentType: String
    }

    init(
        _ status: Int,
        _ error: String,
        _ description: String? = nil,
        number: Int? = nil,
        suberror: String? = nil
    ) {
        self.status = status
        self.error = error
        self.description = description
        self.number = number
        self.suberror = suberror
    }

    /// A body that is no error document; `word` is what the request is counted under.
    static func page(
        _ status: Int,
        _ text: String,
        _ contentType: String,
        word: String,
        headers: [String: String] = [:],
        isForeign: Bool = false
    ) -> Refusal {
        var refusal = Refusal(status, word)
        refusal.isForeign = isForeign
        refusal.page = Page(text: text, contentType: contentType)
        refusal.headers = headers
        return refusal
    }
}
