/// A request, whole.
struct HTTPRequest: Sendable {
    var method: String
    var path: String
    var query: String
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    /// The number of the connection it came on, from 1.
    var connection: Int

    /// The certificate that the client brought in the handshake.
    var certificate: SeenCertificate?

    /// The values of the header field `name`, in any case.
    func headers(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}

/// A response before it is put into bytes, which are ours alone: a mock must also be able to answer badly.
struct HTTPResponse: Sendable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []

    /// The first value of the header field `name`, in any case.
    mutating func setHeader(_ name: String, _ value: String) {
        headers.removeAll { $0.name.lowercased() == name.lowercased() }
        headers.append((name, value))
    }

    /// The status line and the header fields.
    func head(keepAlive: Bool, sized: Bool = true) -> String {
        var head = "HTTP/1.1 \(status) \(HTTPResponse.reasons[status] ?? "")\r\n"
        for header in headers { head += "\(header.name): \(header.value)\r\n" }
        if sized { head += "Content-Length: \(body.count)\r\n" }
        if !keepAlive { head += "Connection: close\r\n" }
        return head + "\r\n"
    }

    /// The reason phrases of the statuses that this server answers by itself; another may go without (RFC 9112 §4).
    private static let reasons = [
        200: "OK", 204: "No Content", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
        404: "Not Found",
        405: "Method Not Allowed", 413: "Content Too Large", 415: "Unsupported Media Type", 429: "Too Many Requests",
        500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
    ]
}

extension HTTPResponse {
    /// A JSON document that nobody may store (RFC 6749 §5.1).
    static func json(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
            body: value.encoded()
        )
    }

    /// Words for a person.
    static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: [("Content-Type", "text/plain; charset=utf-8")], body: Array(text.utf8))
    }
}
