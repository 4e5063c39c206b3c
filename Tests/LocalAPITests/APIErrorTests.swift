import LocalAPI
import Testing

@Suite("An error") struct APIErrorTests {
    /// What callers and scripts rely on.
    static let table: [(APIErrorCode, String, http: Int, exit: Int32)] = [
        (.invalidRequest, "invalid_request", 400, 64),
        (.invalidScope, "invalid_scope", 400, 64),
        (.unsupportedGrantType, "unsupported_grant_type", 400, 64),
        (.unknownClient, "unknown_client", 404, 66),
        (.serverError, "server_error", 500, 70),
        (.temporarilyUnavailable, "temporarily_unavailable", 503, 75),
        (.tooManyRequests, "too_many_requests", 429, 75),
        (.accessDenied, "access_denied", 403, 77),
        (.clientMisconfigured, "client_misconfigured", 502, 78),
        (.loginRequired, "login_required", 409, 80),
        (.minTTLUnmet, "min_ttl_unmet", 409, 81),
    ]

    @Test("has its name, its HTTP status and its exit status", arguments: table)
    func code(code: APIErrorCode, name: String, http: Int, exit: Int32) {
        #expect(code.rawValue == name)
        #expect(code.httpStatus == http)
        #expect(code.exitStatus == exit)
        #expect(APIError(code, "x").status() == http)
        // RFC 6749 §5.2 knows no 409.
        #expect(APIError(code, "x").status(asTokenEndpoint: true) == (http == 409 ? 400 : http))
    }

    @Test("has a place in the table, whichever it is")
    func closed() {
        #expect(Set(Self.table.map(\.0)) == Set(APIErrorCode.allCases))
    }

    @Test("about a path has that path's status")
    func statusOfPath() {
        #expect(APIError(.invalidRequest, "x", status: 405).status() == 405)
        #expect(APIError(.invalidRequest, "x", status: 404).status(asTokenEndpoint: true) == 404)
    }

    @Test("is written with what it knows, and is read again")
    func document() throws {
        let error = APIError(
            .clientMisconfigured,
            "the server says \"no\"",
            client: "billing",
            remedy: "Look at https://id.example/clients.",
            retryAfter: 300,
            cause: "unauthorized_client",
            likelyCause: "grant_not_allowed",
            status: 418,
            allow: "GET"
        )
        let bytes = DocumentCoding.encode(error.document)
        #expect(
            text(bytes)
                == #"{"cause":"unauthorized_client","client":"billing","error":"client_misconfigured","#
                + #""error_description":"the server says \"no\"","likely_cause":"grant_not_allowed","remedy":"Look at https://id.example/clients.","#
                + #""retry_after":300}"#
        )
        #expect(error.documentBytes == bytes)
        let read = try DocumentCoding.decode(ErrorDocument.self, from: bytes)
        #expect(read == error.document && read.code == .clientMisconfigured)
    }

    @Test(
        "is one document, whoever writes it",
        arguments: ["", "é \u{1F600}", "a\\b\"c/d", "\u{0}\n\u{1F}\u{7F}\u{2028}"]
    )
    func writers(text: String) throws {
        let error = APIError(
            .loginRequired,
            text,
            client: text,
            remedy: text,
            retryAfter: 0,
            cause: text,
            likelyCause: text
        )
        #expect(try DocumentCoding.decode(ErrorDocument.self, from: error.documentBytes) == error.document)
    }

    @Test("leaves out what it does not know")
    func bareDocument() {
        let error = APIError(.serverError, "a fault")
        let bytes = DocumentCoding.encode(error.document)
        #expect(error.documentBytes == bytes)
        #expect(text(bytes) == #"{"error":"server_error","error_description":"a fault"}"#)
    }

    @Test("of a later version is read for what it has in common")
    func laterDocument() throws {
        let bytes = Array(#"{"error":"out_of_luck","cause":null,"moon":{"phase":1}}"#.utf8)
        let read = try DocumentCoding.decode(ErrorDocument.self, from: bytes)
        #expect(read == ErrorDocument(error: "out_of_luck") && read.code == nil)
    }

    @Test("is not read from what is none", arguments: ["", "{", "[]", "{}", #"{"error":1}"#, "null"])
    func noDocument(body: String) {
        #expect(throws: DocumentError.self) { try DocumentCoding.decode(ErrorDocument.self, from: Array(body.utf8)) }
    }
}
