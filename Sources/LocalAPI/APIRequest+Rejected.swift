internal import FoundationEssentials
package import OAuth2

/// A report that a token was refused, as it came: it is read for who may use the client, and for nobody else.
package struct RejectionReport: Sendable, Equatable {
    private let contentType: String?
    private let body: Secret

    init(_ input: APIRequest.Input) {
        contentType = input.contentType
        body = Secret(bytes: input.body)
    }

    /// The token in it.
    ///
    /// The body can be nothing but this document, so that a sender who does not say what it is means that; one who says
    /// that it is something else, as `curl -d` does, is mistaken and told so.
    package func token() throws(APIError) -> Secret {
        if let contentType {
            let type = contentType.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
            guard type == "application/json" else {
                throw APIError(
                    .invalidRequest,
                    "the body must be application/json",
                    remedy: "Send it with Content-Type: application/json."
                )
            }
        }
        // Foundation takes UTF-16 and UTF-32 too, which RFC 8259 §8.1 does not allow.
        var bytes = body.exposedBytes()
        defer { bytes.wipe() }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self),
            let document = try? JSONDecoder().decode(RejectedTokenDocument.self, from: Data(text.utf8))
        else {
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
