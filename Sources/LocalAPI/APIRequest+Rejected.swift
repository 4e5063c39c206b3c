package import OAuth2

/// A report that a token was refused, as it came: it is read for who may use the client, and for nobody else.
package struct RejectionReport: Sendable, Equatable {
    private let body: SecretBody

    init(_ input: APIRequest.Input) { body = SecretBody(input) }

    /// The token in it.
    package func token() throws(APIError) -> Secret {
        guard let document = try body.document(RejectedTokenDocument.self) else {
            throw Self.malformed("the body is no JSON object with the text access_token")
        }
        guard !document.accessToken.isEmpty else { throw Self.malformed("access_token is empty") }
        return Secret(document.accessToken)
    }

    /// Never with a word of the body, which may hold a token wherever it is broken.
    private static func malformed(_ summary: String) -> APIError {
        APIError(.invalidRequest, summary, remedy: "Send {\"access_token\":\"…\"} with the token that was refused.")
    }
}
