package import LocalAPI

/// A request whose head and body are whole and well formed.
package struct HTTPRequest: Sendable, Equatable {
    package var method: HTTPMethod

    /// Path and query as they were sent.
    package var target: String

    package var accept: String?
    package var contentType: String?
    package var authorization: String?
    package var body: [UInt8] = []

    /// Whether the connection is to stay open for another request (RFC 9112 §9.3).
    package var keepsAlive: Bool

    /// Whether it has no fields but those of any client, which bring no credentials.
    package var isOrdinary = true

    /// Whether the peer knows the chunked coding, which HTTP/1.0 lacks (RFC 9112 §7.1).
    package var knowsChunks = true

    package init(method: HTTPMethod, target: String, keepsAlive: Bool) {
        self.method = method
        self.target = target
        self.keepsAlive = keepsAlive
    }
}

extension HTTPRequest {
    /// The parts that decide what it asks for.
    package var input: APIRequest.Input {
        APIRequest.Input(
            method: method,
            target: target,
            accept: accept,
            contentType: contentType,
            authorization: authorization,
            body: body
        )
    }
}

/// An answer with a body of known length.
package struct HTTPResponse: Sendable, Equatable {
    package var status: Int
    package var contentType: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, contentType: String, headers: [(name: String, value: String)] = [], body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }

    /// Text for people.
    package static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// A JSON document, ended by a line feed for whoever reads it on a terminal.
    package static func document(_ document: some Encodable, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status,
            contentType: "application/json",
            body: DocumentCoding.encode(document) + [0x0A]
        )
    }

    package static func == (left: HTTPResponse, right: HTTPResponse) -> Bool { left.bytes() == right.bytes() }

    /// Head and body as they are sent.
    ///
    /// - Parameter closing: whether to say that no other answer follows on the connection (RFC 9112 §9.6).
    package func bytes(closing: Bool = false) -> [UInt8] {
        var head = "HTTP/1.1 \(status) \(Self.reason(status))\r\nContent-Type: \(contentType)\r\n"
        head += "Cache-Control: no-store\r\nContent-Length: \(body.count)\r\n"
        if closing { head += "Connection: close\r\n" }
        for header in headers { head += "\(header.name): \(header.value)\r\n" }
        return Array((head + "\r\n").utf8) + body
    }

    static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 202: "Accepted"
        case 400: "Bad Request"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 417: "Expectation Failed"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}

extension APIError {
    /// The answer that says it.
    package func response(asTokenEndpoint: Bool = false) -> HTTPResponse {
        var response = HTTPResponse(
            status: status(asTokenEndpoint: asTokenEndpoint),
            contentType: "application/json",
            body: documentBytes + [0x0A]
        )
        if let retryAfter { response.headers.append(("Retry-After", String(retryAfter))) }
        if let allow { response.headers.append(("Allow", allow)) }
        return response
    }
}
