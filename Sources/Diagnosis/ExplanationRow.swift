import OAuth2

/// What one cause of failure is, and what to do about it.
struct ExplanationRow: Sendable {
    /// The `error` of the failures it explains.
    let cause: String

    /// The class it is for; nil for every class without a row of its own.
    let failureClass: FailureClass?

    /// One sentence, with `words` where the failure's own words belong.
    let summary: String

    /// One imperative sentence, with `section` where the client's section of the configuration is meant.
    let remedy: String

    /// Stands for the client's section of the configuration.
    static let section = "{section}"

    /// Stands for what the failure says of itself.
    static let words = "{words}"

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
