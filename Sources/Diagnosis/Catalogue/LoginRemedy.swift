import OAuth2

/// What mends a grant that is gone, as a client can have it: `tokenctl login` is for those that people log in for.
enum LoginRemedy {
    /// While the client's grant is not known.
    static let either =
        "Log in again with \(command), or put a new refresh token where refresh_token in \(ExplanationRow.section) says."

    private static let command = "`tokenctl login \(ExplanationRow.client)`"
    private static let newToken = "ut a new refresh token where refresh_token in \(ExplanationRow.section) says"

    /// `remedy` without the way that a client of `grant` does not have; as it is for nil.
    static func fitted(_ remedy: String, to grant: Grant?) -> String {
        switch grant {
        case .authorizationCode, .deviceCode:
            remedy.replacing(either, with: "\(ExplanationRow.newLogin).")
        case .refreshToken:
            remedy.replacing(either, with: "P\(newToken).")
                .replacing("Log in again with \(command)", with: "P\(newToken)")
                .replacing("log in again: \(command)", with: "p\(newToken)")
        case .clientCredentials, .jwtBearer, nil:
            remedy
        }
    }
}
