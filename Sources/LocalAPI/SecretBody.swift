internal import FoundationEssentials
internal import OAuth2

/// A request's body that is one JSON document and may hold a secret, as it came.
struct SecretBody: Sendable, Equatable {
    private let contentType: String?
    private let bytes: Secret

    init(_ input: APIRequest.Input) {
        contentType = input.contentType
        bytes = Secret(bytes: input.body)
    }

    /// The document, or nil when it is none of that kind.
    ///
    /// The body can be nothing but this document, so that a sender who does not say what it is means that; one who says
    /// that it is something else, as `curl -d` does, is mistaken and told so.
    func document<Document: Decodable>(_ type: Document.Type) throws(APIError) -> Document? {
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
        var bytes = self.bytes.exposedBytes()
        defer { bytes.wipe() }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else { return nil }
        return try? JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
