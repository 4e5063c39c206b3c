import Testing

import OAuth2

@Suite("A server's words") struct ServerWordsTests {
    private func words(_ description: String, presented: [Secret] = []) -> String? {
        let form = FormEncoding.encode([
            FormParameter(name: "error", value: "x"), FormParameter(name: "error_description", value: description),
        ])
        return failure(answer(400, form), presented: presented)?.serverWords
    }

    @Test(
        "are made printable",
        arguments: [
            ("Client   is\r\n\tdisabled. ", "Client is disabled."), ("\u{1B}[31mred\u{7}", "[31mred"),
            ("a\u{202E}b\u{2066}c\u{200B}d\u{FEFF}e", "abcde"), ("a\u{2028}b\u{85}c\u{7F}d", "a b c d"),
            ("Schlüssel ungültig 鍵", "Schlüssel ungültig 鍵"), ("a\u{E000}b\u{FFFD}c", "abc"), ("\u{0} \u{202E}", nil),
        ] as [(String, String?)]
    )
    func printable(text: String, expected: String?) {
        #expect(words(text) == expected)
    }

    @Test("are cut to their maximum in bytes, between characters")
    func cut() throws {
        for text in [String(repeating: "no ", count: 5_000), String(repeating: "ü ", count: 200)] {
            let words = try #require(self.words(text))
            #expect(words.utf8.count <= TokenEndpointFailure.maximumWords)
            #expect(words.utf8.count > TokenEndpointFailure.maximumWords - 4)
            #expect(words.hasSuffix("…"))
        }
        let whole = String(repeating: "no ", count: 99) + "nay"
        #expect(self.words(whole) == whole)
    }

    @Test(
        "keep what an operator needs",
        arguments: [
            "AADSTS7000215: Invalid client secret provided.",
            "Trace ID: 8b9a4a5e-1f0c-4c0e-9a57-3d3a1f1b2c3d Correlation ID: 00000000-0000-0000-0000-000000000001",
            "Application with identifier '8b9a4a5e-1f0c-4c0e-9a57-3d3a1f1b2c3d' was not found in the directory",
            "See https://login.example.com/oauth2/documentation/errors", "TooManyRequestsException: Rate exceeded",
            "The OAuth client was not found.", "Invalid token: expired",
            "client_credentials_not_enabled_for_this_client",
            "invalid_redirect", "2026-01-01T00:00:00Z", "no healthy upstream",
        ]
    )
    func kept(text: String) {
        #expect(words(text) == text)
    }

    @Test(
        "never show what may be a token",
        arguments: [
            ("Unknown token eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "Unknown token [masked]"),
            ("got 2YotnFZFEjr1zCsicMWpAA here", "got [masked] here"),
            ("Invalid refresh token: 8b9a4a5e-1f0c-4c0e-9a57-3d3a1f1b2c3d", "Invalid refresh token: [masked]"),
            (
                "Invalid refresh token (expired) 8b9a4a5e-1f0c-4c0e-9a57-3d3a1f1b2c3d",
                "Invalid refresh token (expired) [masked]"
            ),
            ("access_token=abc", "access_token=[masked]"),
            (#"{"access_token": "abc"}"#, #"{"access_token": "[masked]"}"#),
            ("Authorization: Basic YWJjOmRlZg==", "Authorization: Basic [masked]"),
            ("client_secret: hunter2", "client_secret: [masked]"),
            ("sent Bearer abc123 twice", "sent Bearer [masked] twice"),
            ("0123456789abcdef0123456789abcdef", "[masked]"), ("1234567890123456789012", "[masked]"),
        ]
    )
    func masked(text: String, expected: String) {
        #expect(words(text) == expected)
    }

    @Test("never repeat a token of the same answer, however it is written")
    func secretsOfTheAnswer() {
        let body = """
            {"ok":false,"error":"it is plain","message":"it is plain or it is pl\\u200bain","access_token":"it is plain",
             "nested":{"refreshTokens":["tiny"]},"detail":"x"}
            """
        let failure = OAuth2Tests.failure(answer(200, body))
        #expect(failure?.error == "[masked]")
        #expect(failure?.serverWords == "[masked] or [masked]")
    }

    @Test(
        "are not shown beside what could not be read and may hold a token",
        arguments: [
            "{\"id_token\nx\":\"plain\"}", #"{"a_token\ud800":"plain"}"#, "[[[[[[[[[\"plain\"]]]]]]]]]", "1e999",
        ]
    )
    func unreadable(value: String) {
        let failure = OAuth2Tests.failure(answer(400, #"{"error":"x","message":"plain","token":\#(value)}"#))
        #expect(failure?.error == "x")
        #expect(failure?.serverWords == nil)
    }

    @Test("never repeat a secret, with an accent upon its end, or before another character that joins it")
    func joinedSecrets() {
        let secret = Secret("open-sesame")
        #expect(words("open-sesame\u{301}!", presented: [secret]) == "[masked]\u{301}!")
        #expect(words("o\u{308}open-sesame\u{FE0F}", presented: [secret]) == "o\u{308}[masked]\u{FE0F}")
    }

    @Test("never repeat what the request presented")
    func presentedSecrets() {
        for authentication in [
            ClientAuthentication.clientSecretPost(Secret("open sesame")),
            .clientSecretBasic(Secret("open sesame"), .raw),
        ] {
            let request = TokenRequest(grant: .clientCredentials, clientID: "a", authentication: authentication)
                .encoded()
            #expect(
                words("no client has open sesame (open+sesame)", presented: request.presented)
                    == "no client has [masked] ([masked])"
            )
        }
    }

    @Test(
        "of an answer that states no error are its text, or its title when it is a page",
        arguments: [
            ("Request blocked.", "Request blocked."), ("<html><Title>403\n Forbidden</TITLE><p>tok", "403 Forbidden"),
            ("<html><p>no title", nil), (#"{"message":"Forbidden"}"#, "Forbidden"), ("", nil),
            (#"{"access_token":"tok","#, nil), (#"x"access_token":"tok""#, nil), ("ACCESS_TOKEN=tok&%", nil),
            ("a=1&access_token[0]=tok", nil), ("token_type=x&client_secret_2=tok", nil),
            ("Bad token; see https://h/?a=b", "Bad token; see https://h/?a=b"),
            ("[1,2", nil),
        ] as [(String, String?)]
    )
    func extracts(body: String, expected: String?) {
        #expect(failure(answer(403, body))?.serverWords == expected)
    }

    @Test("name the suberror beside the description")
    func suberror() {
        let body = #"{"error":"invalid_grant","error_description":"No.","suberror":"bad_token"}"#
        #expect(failure(answer(400, body))?.serverWords == "No. (suberror bad_token)")
    }

    @Test("do not flood through the error code")
    func longCode() throws {
        let code = try #require(failure(answer(400, #"{"error":"\#(String(repeating: "no ", count: 500))"}"#))?.error)
        #expect(code.utf8.count <= 64)
        #expect(failure(answer(400, #"{"error":"\u0000"}"#))?.error == "unnamed_error")
    }
}
