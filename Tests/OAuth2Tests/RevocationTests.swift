import Testing

import OAuth2

@Suite("A revocation") struct RevocationTests {
    private func request(
        _ authentication: ClientAuthentication,
        hint: TokenTypeHint = .refreshToken
    ) -> EncodedTokenRequest {
        RevocationRequest(
            token: Secret("tok+/ ="),
            hint: hint,
            clientID: "billing",
            authentication: authentication
        ).encoded()
    }

    /// Why `answer` gave nothing up; nil when it did.
    private func failure(_ answer: HTTPAnswer, presented: [Secret] = []) -> TokenEndpointFailure? {
        do {
            try RevocationAnswer.read(answer, presented: presented)
            return nil
        } catch {
            return error
        }
    }

    @Test("names the token, what it is and who gives it up")
    func form() {
        let form = "token=tok%2B%2F+%3D&token_type_hint=refresh_token"
        #expect(request(.none).body.exposed() == form + "&client_id=billing")
        #expect(
            request(.clientSecretPost(Secret("s&"))).body.exposed() == form + "&client_id=billing&client_secret=s%26"
        )
        let basic = request(.clientSecretBasic(Secret("s"), .form))
        #expect(basic.body.exposed() == form)
        // billing:s
        #expect(basic.headers.last == HTTPField(name: "Authorization", value: Secret("Basic YmlsbGluZzpz")))
        #expect(request(.none, hint: .accessToken).body.exposed().contains("token_type_hint=access_token"))
    }

    @Test("states what it is and what it reads")
    func headers() {
        #expect(
            request(.none).headers.map { [$0.name, $0.value.exposed()] } == [
                ["Accept", "application/json"], ["Content-Type", "application/x-www-form-urlencoded"],
            ]
        )
    }

    @Test(
        "is done when the status says so, whatever else the answer holds",
        arguments: [(200, ""), (200, "{}"), (200, "OK"), (204, ""), (200, #"{"ok":true}"#), (200, "[1")]
    )
    func success(status: Int, body: String) {
        #expect(failure(answer(status, body)) == nil)
    }

    @Test(
        "that is not done says why",
        arguments: [
            (400, #"{"error":"unsupported_token_type"}"#, FailureClass.configuration, "unsupported_token_type"),
            (401, #"{"error":"invalid_client"}"#, .configuration, "invalid_client"),
            (400, #"{"error":"invalid_grant"}"#, .configuration, "invalid_grant"),
            (400, "", .configuration, "empty_answer"), (403, "", .configuration, "empty_answer"),
            (404, "", .endpointMisconfigured, "not_found"), (405, "", .endpointMisconfigured, "method_not_allowed"),
            (302, "", .endpointMisconfigured, "redirect_refused"),
            (200, "<html><title>Log in</title>", .endpointMisconfigured, "html_answer"),
            (200, #"{"ok":false,"error":"invalid_auth"}"#, .configuration, "invalid_auth"),
            (408, "", .transient, "request_timeout"), (429, "", .transient, "rate_limited"),
            (500, "", .transient, "http_server_error"), (503, "", .transient, "http_server_error"),
        ]
    )
    func refusal(status: Int, body: String, failureClass: FailureClass, error: String) throws {
        let failure = try #require(self.failure(answer(status, body)))
        #expect(failure.failureClass == failureClass)
        #expect(failure.error == error)
        #expect(failure.serverStatus == status)
    }

    @Test("is asked for again when the server says (RFC 7009 §2.2.1)")
    func retryAfter() {
        #expect(failure(answer(503, "", headers: [("Retry-After", "7")]))?.retryAfter == .seconds(7))
    }

    @Test("never shows the token or the secret where a refusal repeats them")
    func secrecy() {
        let request = request(.clientSecretPost(Secret("open sesame")))
        let body = #"{"error":"x","error_description":"tok+/ = or tok%2B%2F+%3D of open sesame"}"#
        #expect(
            failure(answer(400, body), presented: request.presented)?.serverWords == "[masked] or [masked] of [masked]"
        )
        let unreadable = #"{"error":"x","message":"plain","token":[[[[[[[[["plain"]]]]]]]]]}"#
        #expect(failure(answer(400, unreadable))?.error == "x")
        #expect(failure(answer(400, unreadable))?.serverWords == nil)
    }
}
