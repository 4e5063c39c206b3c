import Testing

import OAuth2

@Suite("A failed token request") struct FailureClassificationTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var status: Int
        var body: String
        var failureClass: FailureClass
        var error: String
        var testDescription: String { "\(status) \(body)" }

        init(_ status: Int, _ body: String, _ failureClass: FailureClass, _ error: String) {
            (self.status, self.body, self.failureClass, self.error) = (status, body, failureClass, error)
        }
    }

    private static func error(_ code: String) -> String { #"{"error":"\#(code)"}"# }

    @Test(
        "is classified by status and code",
        arguments: [
            // RFC 6749 §5.2 and its relatives.
            Row(400, error("invalid_request"), .configuration, "invalid_request"),
            Row(401, error("invalid_client"), .configuration, "invalid_client"),
            Row(400, error("invalid_client"), .configuration, "invalid_client"),
            Row(400, error("invalid_grant"), .configuration, "invalid_grant"),
            Row(403, error("invalid_grant"), .configuration, "invalid_grant"),
            Row(400, error("unauthorized_client"), .configuration, "unauthorized_client"),
            Row(400, error("unsupported_grant_type"), .configuration, "unsupported_grant_type"),
            Row(400, error("invalid_scope"), .configuration, "invalid_scope"),
            Row(400, error("invalid_target"), .configuration, "invalid_target"),
            Row(400, error("access_denied"), .configuration, "access_denied"),
            Row(404, error("invalid_client"), .configuration, "invalid_client"),
            Row(400, error("INVALID_CLIENT"), .configuration, "INVALID_CLIENT"),
            // Nobody can log in for the client's own authority.
            Row(400, error("interaction_required"), .configuration, "interaction_required"),
            Row(400, error("consent_required"), .configuration, "consent_required"),
            Row(400, error("login_required"), .configuration, "login_required"),
            Row(400, error("authorization_pending"), .configuration, "authorization_pending"),
            Row(400, error("expired_token"), .configuration, "expired_token"),
            Row(400, error("slow_down"), .transient, "slow_down"),
            Row(400, error("use_dpop_nonce"), .dpopNonceRequired, "use_dpop_nonce"),
            // Failing servers, whatever the status.
            Row(400, error("temporarily_unavailable"), .transient, "temporarily_unavailable"),
            Row(200, error("server_error"), .transient, "server_error"),
            Row(408, "", .transient, "request_timeout"), Row(429, "", .transient, "rate_limited"),
            Row(429, error("access_denied"), .transient, "access_denied"),
            Row(500, "", .transient, "http_server_error"), Row(502, "<html>", .transient, "http_server_error"),
            Row(503, error("invalid_client"), .transient, "invalid_client"),
            Row(504, "upstream timed out", .transient, "http_server_error"),
            Row(599, "{}", .transient, "http_server_error"),
            Row(500, error("who_knows"), .transient, "who_knows"),
            // Throttling under other statuses.
            Row(
                400,
                #"{"__type":"TooManyRequestsException","message":"slow"}"#,
                .transient,
                "TooManyRequestsException"
            ),
            Row(400, #"{"message":"Rate exceeded"}"#, .transient, "unnamed_error"),
            Row(400, "Rate exceeded", .transient, "unreadable_answer"),
            Row(200, #"{"ok":false,"error":"ratelimited"}"#, .transient, "ratelimited"),
            Row(403, error("rate_limit_exceeded"), .transient, "rate_limit_exceeded"),
            // Unknown codes.
            Row(400, error("who_knows"), .configuration, "who_knows"),
            Row(401, error("who_knows"), .configuration, "who_knows"),
            Row(403, error("who_knows"), .configuration, "who_knows"),
            Row(200, error("incorrect_client_credentials"), .configuration, "incorrect_client_credentials"),
            Row(200, #"{"ok":false,"error":"invalid_client_id"}"#, .configuration, "invalid_client_id"),
            Row(200, #"{"ok":false,"access_token":"tok"}"#, .configuration, "unnamed_error"),
            Row(200, #"{"error":"x","access_token":"tok"}"#, .configuration, "x"),
            Row(400, error("aadsts"), .configuration, "aadsts"),
            Row(400, #"{"error":"odd","suberror":"temporarily_unavailable"}"#, .transient, "odd"),
            // Other shapes of an error.
            Row(400, #"{"errors":[{"errorType":"invalid_client","message":"x"}]}"#, .configuration, "invalid_client"),
            Row(400, #"{"errors":["temporarily_unavailable"]}"#, .transient, "temporarily_unavailable"),
            Row(400, #"{"error":{"code":400,"status":"INVALID_ARGUMENT"}}"#, .configuration, "INVALID_ARGUMENT"),
            Row(400, #"{"error":{"code":"server_error"}}"#, .transient, "server_error"),
            Row(400, #"{"error":{"type":"OAuthException"}}"#, .configuration, "OAuthException"),
            Row(400, #"{"error":400}"#, .configuration, "unnamed_error"),
            Row(400, #"{"error":true,"error_code":"server_error"}"#, .transient, "server_error"),
            Row(400, #"{"error":[]}"#, .configuration, "unnamed_error"),
            Row(400, #"{"errorCode":"E0000011","errorSummary":"Invalid token provided"}"#, .configuration, "E0000011"),
            Row(200, "error=bad_verification_code&error_description=x", .configuration, "bad_verification_code"),
            Row(400, "error=server_error", .transient, "server_error"),
            Row(401, "\u{FEFF}" + error("invalid_client"), .configuration, "invalid_client"),
            // Nothing readable.
            Row(400, "", .configuration, "empty_answer"), Row(401, " \r\n", .configuration, "empty_answer"),
            Row(403, "", .configuration, "empty_answer"), Row(400, "{", .configuration, "unreadable_answer"),
            Row(401, "No.", .configuration, "unreadable_answer"), Row(400, "{}", .configuration, "unnamed_error"),
            Row(200, "", .protocol, "empty_answer"), Row(204, "", .protocol, "empty_answer"),
            Row(200, "OK", .protocol, "unreadable_answer"), Row(200, "[]", .protocol, "unreadable_answer"),
            Row(200, "\"tok\"", .protocol, "unreadable_answer"), Row(101, "", .protocol, "empty_answer"),
            Row(200, #"{"id_token":"tok"}"#, .protocol, "no_access_token"),
            // No token endpoint.
            Row(301, "", .endpointMisconfigured, "redirect_refused"),
            Row(307, error("server_error"), .endpointMisconfigured, "server_error"),
            Row(404, "", .endpointMisconfigured, "not_found"),
            Row(404, error("Realm does not exist"), .endpointMisconfigured, "Realm does not exist"),
            Row(405, "", .endpointMisconfigured, "method_not_allowed"),
            Row(200, "<!DOCTYPE html><title>Log in</title>", .endpointMisconfigured, "html_answer"),
            Row(400, "<html></html>", .endpointMisconfigured, "html_answer"),
            Row(403, "\n<HTML><TITLE>ERROR</TITLE>", .endpointMisconfigured, "html_answer"),
        ]
    )
    func classification(row: Row) {
        let failure = OAuth2Tests.failure(answer(row.status, row.body, type: nil))
        #expect(failure?.failureClass == row.failureClass)
        #expect(failure?.error == row.error)
        #expect(failure?.serverStatus == row.status)
    }

    @Test("never asks for a login when no person stands behind the grant", arguments: OAuthErrorCode.allCases)
    func neverLogin(code: OAuthErrorCode) {
        for status in [200, 400, 401, 403] {
            let failure = OAuth2Tests.failure(answer(status, FailureClassificationTests.error(code.rawValue)))
            #expect(failure != nil && failure?.failureClass != .loginRequired)
        }
    }

    @Test("is not decided by its description")
    func descriptionsDoNotDecide() {
        let words = ["Rate exceeded", "server_error", "temporarily_unavailable", "login_required", "<html>"]
        for word in words {
            let body = #"{"error":"invalid_client","error_description":"\#(word)"}"#
            #expect(failure(answer(400, body))?.failureClass == .configuration)
        }
    }

    @Test("under HTML's media type is a page even when its body does not look like one")
    func htmlByMediaType() {
        #expect(failure(answer(200, "Welcome", type: "text/html; charset=utf-8"))?.error == "html_answer")
        #expect(failure(answer(200, "Welcome", type: "text/plain"))?.error == "unreadable_answer")
    }

    @Test(
        "without an answer is classified by how far it got",
        arguments: [
            (TransportFailure.nameNotFound, FailureClass.transient), (.connectionRefused, .transient),
            (.connectTimeout, .transient), (.certificateRefused, .configuration), (.tlsFailed, .transient),
            (.clientCertificateRefused, .configuration),
            (.proxyFailed, .transient), (.resetBeforeSending, .transient), (.resetAfterSending, .transient),
            (.responseTimeout, .transient), (.responseTooLarge, .protocol), (.notHTTP, .endpointMisconfigured),
        ]
    )
    func transport(transport: TransportFailure, expected: FailureClass) {
        for grant in [Grant.clientCredentials, nil] {
            let failure = TokenEndpointFailure(transport: transport, words: "re\u{1B}[31mset", grant: grant)
            #expect(
                failure
                    == TokenEndpointFailure(
                        expected,
                        error: transport.rawValue,
                        serverWords: "re [31mset",
                        transport: transport
                    )
            )
        }
    }
}
