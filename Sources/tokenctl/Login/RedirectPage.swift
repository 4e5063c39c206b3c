/// What the browser is shown: no script, nothing from elsewhere, and nothing of what it brought.
enum RedirectPage: CaseIterable {
    /// The daemon took a code.
    case granted
    /// The daemon took the answer, which is no.
    case declined
    /// The daemon says that it belongs to no login that waits.
    case foreign
    /// The daemon did not say anything.
    case unanswered
    case badRequest
    case notFound
    case methodNotAllowed
    case tooLarge

    private var status: String {
        switch self {
        case .granted, .declined: "200 OK"
        case .foreign, .badRequest: "400 Bad Request"
        case .notFound: "404 Not Found"
        case .methodNotAllowed: "405 Method Not Allowed"
        case .tooLarge: "431 Request Header Fields Too Large"
        case .unanswered: "502 Bad Gateway"
        }
    }

    /// Title and text.
    private var words: (title: String, text: String) {
        switch self {
        case .granted:
            ("Signed in", "You may close this window. The terminal tells when the tokens are there.")
        case .declined:
            ("Not signed in", "The sign-in was declined. You may close this window; the terminal tells more.")
        case .foreign:
            ("Not this sign-in", "This does not belong to the login that waits here. The terminal tells more.")
        case .unanswered:
            ("Not handed over", "The token broker could not be told. The terminal tells more.")
        case .badRequest: ("Bad request", "Only a browser that signs in is expected here.")
        case .notFound: ("Not found", "There is nothing here.")
        case .methodNotAllowed: ("Not allowed", "Only a browser that signs in is expected here.")
        case .tooLarge: ("Too large", "The address is longer than any that is expected here.")
        }
    }

    /// The whole answer, after which the connection ends.
    var bytes: [UInt8] {
        let (title, text) = words
        let body = """
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>\(title)</title></head>
            <body><h1>\(title)</h1><p>\(text)</p></body>
            </html>

            """
        let allow = self == .methodNotAllowed ? ["Allow: GET"] : []
        let head =
            [
                "HTTP/1.1 \(status)", "Content-Type: text/html; charset=utf-8", "Content-Length: \(body.utf8.count)",
                "Cache-Control: no-store", "Referrer-Policy: no-referrer", "X-Content-Type-Options: nosniff",
                "Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                "Connection: close",
            ] + allow
        return Array((head.map { $0 + "\r\n" }.joined() + "\r\n" + body).utf8)
    }
}
