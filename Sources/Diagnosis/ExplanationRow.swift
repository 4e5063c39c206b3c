import OAuth2

/// What one cause of failure is, and what to do about it.
struct ExplanationRow: Sendable {
    /// The `error` of the failures it explains.
    let cause: String

    /// The class it is for; nil for every class without a row of its own.
    let failureClass: FailureClass?

    /// One sentence, with `words` where the failure's own words belong.
    let summary: String

    /// One imperative sentence, with `section` and `client` where the client's section of the configuration or its name
    /// is meant.
    let remedy: String

    /// Stands for the client's section of the configuration.
    static let section = "{section}"

    /// Stands for the client's name, as a command takes it.
    static let client = "{client}"

    /// Stands for what the failure says of itself.
    static let words = "{words}"

    /// What mends a grant that is gone: a login is made elsewhere, and its refresh token taken over.
    static let newRefreshToken = "Put a new refresh token where refresh_token in {section} says."

    /// The same where logins bring the grant.
    static let newLogin = "Log in again: `tokenctl login {client}`"

    private init(cause: String, in failureClass: FailureClass?, _ summary: String, _ remedy: String) {
        self.cause = cause
        self.failureClass = failureClass
        self.summary = summary
        self.remedy = remedy
    }

    init(_ code: OAuthErrorCode, in failureClass: FailureClass? = nil, _ summary: String, _ remedy: String) {
        self.init(cause: code.rawValue, in: failureClass, summary, remedy)
    }

    init(_ fault: AnswerFault, in failureClass: FailureClass? = nil, _ summary: String, _ remedy: String) {
        self.init(cause: fault.rawValue, in: failureClass, summary, remedy)
    }

    init(_ transport: TransportFailure, _ summary: String, _ remedy: String) {
        self.init(cause: transport.rawValue, in: nil, summary, remedy)
    }

    init(_ fault: LocalFault, _ summary: String, _ remedy: String) {
        self.init(cause: fault.rawValue, in: nil, summary, remedy)
    }

    /// The row for a cause that has none.
    init(any failureClass: FailureClass, _ summary: String, _ remedy: String) {
        self.init(cause: "", in: failureClass, summary, remedy)
    }
}
