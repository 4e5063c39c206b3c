import Foundation
import MockAuthorizationServer

/// The table, in the README's order. In `elsewhere` answers point to a server that nobody may ask.
extension FaultCase {
    static func all(elsewhere: String) -> [FaultCase] {
        connections + encryption + answers + pages(elsewhere: elsewhere) + statuses + errors + surroundings
    }

    private static let connections: [FaultCase] = [
        FaultCase("nothing listens at the port", .stopped, .passing, "connection_refused"),
        FaultCase(
            "a firewall drops what would open a connection",
            .deaf(.full, isEncrypted: false),
            .passing,
            "connect_timeout",
            timeout: "1s"
        ),
        FaultCase(
            "the kernel accepts, and nobody reads the request",
            .deaf(.ignoring, isEncrypted: false),
            .passing,
            "response_timeout",
            timeout: "1s"
        ),
        FaultCase("the server reads the request and stays silent", .held, .passing, "response_timeout", timeout: "1s"),
        FaultCase("it closes before the answer", .fault(.dropBeforeAnswer), .passing, "reset_after_sending"),
        FaultCase("it resets (RST) before the answer", .fault(.reset), .passing, "reset_after_sending"),
        FaultCase("it resets in the midst of the answer", .fault(.resetMidAnswer), .passing, "reset_after_sending"),
        FaultCase(
            "it stalls in the midst of the head",
            .fault(.stallMidHead),
            .passing,
            "response_timeout",
            timeout: "1s"
        ),
        FaultCase(
            "it stalls in the midst of the body",
            .fault(.stallMidAnswer),
            .passing,
            "response_timeout",
            timeout: "1s"
        ),
        FaultCase(
            "it answers ten bytes a second, beyond `request_timeout`",
            .fault(.trickle),
            .passing,
            "response_timeout",
            timeout: "1s"
        ),
    ]

    private static let encryption: [FaultCase] = [
        FaultCase(
            "it stalls in the TLS handshake",
            .deaf(.ignoring, isEncrypted: true),
            .passing,
            "connect_timeout",
            timeout: "1s"
        ),
        FaultCase(
            "it resets in the TLS handshake",
            .deaf(.resetting, isEncrypted: true),
            .passing,
            "reset_before_sending"
        ),
        FaultCase("it speaks plain HTTP on the https port", .impostor(.withoutTLS), .passing, "tls_failed"),
        FaultCase("its certificate has expired", .impostor(.expiredCertificate), .refused, "certificate_refused"),
        FaultCase(
            "its certificate is a foreign authority's",
            .impostor(.foreignAuthority),
            .refused,
            "certificate_refused"
        ),
        FaultCase("its certificate is for another name", .impostor(.otherName), .refused, "certificate_refused"),
        FaultCase(
            "its name does not exist",
            .nameWithoutAddress,
            .passing,
            "name_not_found",
            recovery: .reload
        ),
        FaultCase("the proxy refuses to connect", .proxyThatRefuses, .passing, "proxy_failed"),
    ]

    private static let answers: [FaultCase] = [
        FaultCase("what answers does not speak HTTP", .fault(.notHTTP), .refused, "not_http"),
        FaultCase(
            "the body ends before its Content-Length",
            .fault(.dropMidAnswer),
            .passing,
            "reset_after_sending"
        ),
        FaultCase(
            "the Content-Length is less than the body",
            .fault(.understated),
            .passing,
            "unreadable_answer",
            status: 200
        ),
        FaultCase("the answer is beyond 1 MiB", .bodySize(1 << 20 + 1), .passing, "response_too_large"),
        FaultCase("200 with nothing in it", .answer(status: 200, body: ""), .passing, "empty_answer", status: 200),
        FaultCase(
            "200 with JSON that breaks off",
            .answer(status: 200, body: #"{"access_token": "2YotnFZF"#),
            .passing,
            "unreadable_answer",
            status: 200
        ),
        FaultCase(
            "200 without an access token",
            .answer(status: 200, body: #"{"token_type": "Bearer", "expires_in": 3600}"#),
            .passing,
            "no_access_token",
            status: 200
        ),
        FaultCase(
            "200 with a line break in the access token",
            .answer(status: 200, body: #"{"access_token": "2YotnFZF\r\nX-Admin: 1", "token_type": "Bearer"}"#),
            .passing,
            "unusable_access_token",
            status: 200
        ),
    ]

    private static func pages(elsewhere: String) -> [FaultCase] {
        let page = "<!DOCTYPE html><html><head><title>Welcome to the hotel</title></head></html>"
        let block = "<html><head><title>Request blocked</title></head><body>403</body></html>"
        return [
            FaultCase(
                "200 with a captive portal's page",
                .answer(status: 200, body: page, contentType: "text/html"),
                .refused,
                "html_answer",
                status: 200
            ),
            FaultCase(
                "403 with a firewall's page",
                .answer(status: 403, body: block, contentType: "text/html"),
                .refused,
                "html_answer",
                status: 403
            ),
            FaultCase(
                "302 to another server, which is never asked",
                .answer(status: 302, body: "", headers: ["Location": elsewhere]),
                .refused,
                "redirect_refused",
                status: 302
            ),
            FaultCase(
                "307 to another server, which is never asked",
                .answer(status: 307, body: "", headers: ["Location": elsewhere]),
                .refused,
                "redirect_refused",
                status: 307
            ),
        ]
    }

    private static let statuses: [FaultCase] = [
        FaultCase("404", .answer(status: 404, body: "Not Found"), .refused, "not_found", status: 404),
        FaultCase("405", .answer(status: 405, body: ""), .refused, "method_not_allowed", status: 405),
        FaultCase("408", .answer(status: 408, body: ""), .passing, "request_timeout", status: 408),
        FaultCase(
            "429 with Retry-After in seconds",
            .ownBehaviour { .unavailable(429, retryAfter: "3") },
            .passing,
            "rate_limited",
            status: 429,
            leastRetryAfter: 3
        ),
        FaultCase(
            "429 with Retry-After as a date",
            .ownBehaviour { .unavailable(429, retryAfter: .httpDate(in: 8)) },
            .passing,
            "rate_limited",
            status: 429,
            // A date has whole seconds, and the request takes its time.
            leastRetryAfter: 3
        ),
        FaultCase("500", .answer(status: 500, body: ""), .passing, "http_server_error", status: 500),
        FaultCase(
            "502 with a gateway's page",
            .answer(status: 502, body: "<html><title>Bad Gateway</title></html>", contentType: "text/html"),
            .passing,
            "http_server_error",
            status: 502
        ),
        FaultCase(
            "503 with Retry-After",
            .ownBehaviour { .unavailable(503, retryAfter: "3") },
            .passing,
            "http_server_error",
            status: 503,
            leastRetryAfter: 3
        ),
        FaultCase("504", .answer(status: 504, body: ""), .passing, "http_server_error", status: 504),
        FaultCase("400 with nothing in it", .answer(status: 400, body: ""), .refused, "empty_answer", status: 400),
        FaultCase("401 with nothing in it", .answer(status: 401, body: ""), .refused, "empty_answer", status: 401),
        FaultCase("403 with nothing in it", .answer(status: 403, body: ""), .refused, "empty_answer", status: 403),
    ]

    private static let errors: [FaultCase] = [
        FaultCase("`server_error`, under 400", .error("server_error"), .passing, "server_error", status: 400),
        FaultCase(
            "`temporarily_unavailable`, under 200",
            .error("temporarily_unavailable", status: 200),
            .passing,
            "temporarily_unavailable",
            status: 200
        ),
        FaultCase(
            "`invalid_client`, under 401",
            .error("invalid_client", status: 401),
            .refused,
            "invalid_client",
            status: 401
        ),
        FaultCase("`invalid_client`, under 400", .error("invalid_client"), .refused, "invalid_client", status: 400),
        FaultCase("`unauthorized_client`", .error("unauthorized_client"), .refused, "unauthorized_client", status: 400),
        FaultCase("`invalid_scope`", .error("invalid_scope"), .refused, "invalid_scope", status: 400),
        FaultCase(
            "`invalid_grant`, to client credentials",
            .error("invalid_grant"),
            .refused,
            "invalid_grant",
            status: 400
        ),
        FaultCase(
            "an error under 200, as GitHub's",
            .answer(status: 200, body: #"{"error": "incorrect_client_credentials", "error_description": "No."}"#),
            .refused,
            "incorrect_client_credentials",
            status: 200
        ),
        FaultCase(
            "`\"ok\": false` under 200, as Slack's",
            .answer(status: 200, body: #"{"ok": false, "error": "bad_client_secret"}"#),
            .refused,
            "bad_client_secret",
            status: 200
        ),
        FaultCase(
            "an error code that nobody knows",
            .error("computer_says_no"),
            .refused,
            "computer_says_no",
            status: 400
        ),
    ]

    private static let surroundings: [FaultCase] = [
        FaultCase(
            "discovery: no metadata",
            .metadata(.answer(status: 404, body: "")),
            .refused,
            "metadata_not_found",
            status: 404
        ),
        FaultCase(
            "discovery: another issuer's metadata",
            .metadata(
                .answer(
                    status: 200,
                    body: #"{"issuer": "https://other.example", "token_endpoint": "https://other.example/token"}"#
                )
            ),
            .refused,
            "issuer_mismatch",
            status: 200
        ),
        FaultCase("discovery: the metadata stalls", .metadata(.held), .passing, "response_timeout", timeout: "1s"),
        FaultCase(
            "discovery: 503",
            .metadata(.answer(status: 503, body: "")),
            .passing,
            "metadata_unavailable",
            status: 503
        ),
        FaultCase(
            "the client's secret is missing",
            .secretMissing,
            .refused,
            "secret_unreadable",
            recovery: .byItself
        ),
    ]
}

extension Behaviour {
    /// Answers with this many bytes.
    fileprivate static func bodySize(_ size: Int) -> Behaviour {
        var behaviour = Behaviour()
        behaviour.bodySize = size
        return behaviour
    }

    /// Wants to be left alone.
    fileprivate static func unavailable(_ status: Int, retryAfter: String) -> Behaviour {
        var behaviour = answer(status: status, body: "")
        behaviour.retryAfter = retryAfter
        return behaviour
    }
}

extension String {
    /// A date as HTTP has it (RFC 9110 §5.6.7), so many seconds from now.
    fileprivate static func httpDate(in seconds: Int) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: Date(timeIntervalSinceNow: Double(seconds)))
    }
}
