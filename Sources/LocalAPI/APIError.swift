internal import FoundationEssentials

/// A refusal: what is wrong, and what to do about it.
package struct APIError: Error, Sendable, Equatable {
    package var code: APIErrorCode

    /// One sentence for people, without its full stop.
    package var summary: String

    /// The client's name as it was asked for.
    package var client: String?

    /// One imperative sentence.
    package var remedy: String?

    /// Whole seconds until it is worth asking again.
    package var retryAfter: Int?

    /// What is behind it, for machines: the authorization server's own `error`, or `waiting`.
    package var cause: String?

    /// What is likeliest behind that, as the catalogue of causes names it.
    package var likelyCause: String?

    /// The HTTP status where it is another than the code's own, as 404 for a path.
    package var statusOverride: Int?

    /// The methods a path knows, for 405.
    package var allow: String?

    package init(
        _ code: APIErrorCode,
        _ summary: String,
        client: String? = nil,
        remedy: String? = nil,
        retryAfter: Int? = nil,
        cause: String? = nil,
        likelyCause: String? = nil,
        status: Int? = nil,
        allow: String? = nil
    ) {
        self.code = code
        self.summary = summary
        self.client = client
        self.remedy = remedy
        self.retryAfter = retryAfter
        self.cause = cause
        self.likelyCause = likelyCause
        self.statusOverride = status
        self.allow = allow
    }

    /// The HTTP status of the answer.
    ///
    /// - Parameter asTokenEndpoint: RFC 6749 §5.2 knows 400 for what the table calls 409.
    package func status(asTokenEndpoint: Bool = false) -> Int {
        let status = statusOverride ?? code.httpStatus
        return asTokenEndpoint && status == 409 ? 400 : status
    }

    /// The document that says it.
    package var document: ErrorDocument {
        ErrorDocument(
            error: code.rawValue,
            errorDescription: summary,
            client: client,
            remedy: remedy,
            retryAfter: retryAfter,
            cause: cause,
            likelyCause: likelyCause
        )
    }
}

extension APIError {
    /// The document's bytes, as `DocumentCoding` writes it but without its encoder, so that a flood of requests that are
    /// refused costs no more than one of requests that are served.
    package var documentBytes: [UInt8] {
        var bytes: [UInt8] = []
        func begin(_ name: StaticString) {
            bytes.append(UInt8(ascii: bytes.isEmpty ? "{" : ","))
            bytes.append(UInt8(ascii: "\""))
            name.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
            bytes.append(UInt8(ascii: "\""))
            bytes.append(UInt8(ascii: ":"))
        }
        func member(_ name: StaticString, _ value: String?) {
            guard let value else { return }
            begin(name)
            JSONText.append(value, to: &bytes)
        }
        member("cause", cause)
        member("client", client)
        member("error", code.rawValue)
        member("error_description", summary)
        member("likely_cause", likelyCause)
        member("remedy", remedy)
        if let retryAfter {
            begin("retry_after")
            bytes += Array(String(max(0, retryAfter)).utf8)
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}

/// An error as it goes over the socket (RFC 6749 §5.2, with members of ours).
package struct ErrorDocument: Sendable, Equatable, Codable {
    package var error: String
    package var errorDescription: String?
    package var client: String?
    package var remedy: String?
    package var retryAfter: Int?
    package var cause: String?
    package var likelyCause: String?

    package init(
        error: String,
        errorDescription: String? = nil,
        client: String? = nil,
        remedy: String? = nil,
        retryAfter: Int? = nil,
        cause: String? = nil,
        likelyCause: String? = nil
    ) {
        self.error = error
        self.errorDescription = errorDescription
        self.client = client
        self.remedy = remedy
        self.retryAfter = retryAfter
        self.cause = cause
        self.likelyCause = likelyCause
    }

    /// The code, if it is one of ours.
    package var code: APIErrorCode? { APIErrorCode(rawValue: error) }
}

/// How documents become bytes and back: snake_case members, sorted, so that the same thing has the same bytes.
package enum DocumentCoding {
    /// The bytes of `document`, on one line.
    package static func encode(_ document: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Documents are made of strings, whole numbers and lists, which have no form that JSON lacks.
        return (try? encoder.encode(document)).map(Array.init) ?? Array("{}".utf8)
    }

    /// The document in `bytes`; members it does not know are passed over.
    package static func decode<Document: Decodable>(
        _ type: Document.Type,
        from bytes: [UInt8]
    ) throws(DocumentError) -> Document {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch {
            throw DocumentError()
        }
    }
}

/// The bytes are not the document that was expected.
package struct DocumentError: Error, Sendable {}
