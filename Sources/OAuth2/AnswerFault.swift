/// What is wrong with an answer that names no error of its own.
package enum AnswerFault: String, Error, Sendable, Hashable, CaseIterable {
    /// A 3xx; credentials never follow it.
    case redirect = "redirect_refused"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"

    /// A page for people: a captive portal, a firewall, a web site.
    case page = "html_answer"
    case empty = "empty_answer"
    case unreadable = "unreadable_answer"

    /// A success without an `access_token`.
    case noAccessToken = "no_access_token"

    /// An `access_token` that cannot stand in a header.
    case unusableAccessToken = "unusable_access_token"

    /// A `token_type` that cannot stand in a header.
    case unusableTokenType = "unusable_token_type"

    /// Readable and a failure, but without an error code.
    case unnamedError = "unnamed_error"
    case rateLimited = "rate_limited"
    case requestTimeout = "request_timeout"

    /// A 5xx.
    case serverFailing = "http_server_error"
}
