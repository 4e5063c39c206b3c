import Testing

import OAuth2

@Suite("A token response") struct TokenResponseTests {
    @Test("of RFC 6749 §5.1 is read whole")
    func standard() throws {
        let body = """
            {"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","expires_in":3600,
             "refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA","scope":"b a","example_parameter":{"x":[1,2]}}
            """
        #expect(
            try granted(answer(200, body))
                == TokenResponse(
                    accessToken: Secret("2YotnFZFEjr1zCsicMWpAA"),
                    tokenType: "Bearer",
                    expiresIn: .seconds(3_600),
                    scope: ScopeSet(["a", "b"]),
                    refreshToken: Secret("tGzv3JOkF0XG5Qx2TlKWIA")
                )
        )
    }

    @Test(
        "is read under every media type and wrapping that servers use",
        arguments: [
            (#"{"access_token":"tok"}"#, "application/json; charset=utf-8"),
            (#"{"access_token":"tok"}"#, "Application/Vnd.Example+JSON"), (#"{"access_token":"tok"}"#, nil),
            (#"{"access_token":"tok"}"#, "text/plain"), (#"{"access_token":"tok"}"#, "text/html"),
            (#"{"access_token":"tok"}"#, "application/x-www-form-urlencoded"), (#"{"access_token":"tok"}"#, ""),
            ("\u{FEFF}{\"access_token\":\"tok\"}", "application/json"),
            ("\r\n \t{\"access_token\":\"tok\"}\n", "application/json"),
            (#"{"accessToken":"tok"}"#, "application/json"),
            (#"{"access_token":null,"accessToken":"tok"}"#, "application/json"),
            (#"{"error":null,"access_token":"tok"}"#, "application/json"),
            (#"{"error":"","errors":[],"access_token":"tok"}"#, "application/json"),
            (#"{"error":0,"code":"x","access_token":"tok"}"#, "application/json"),
            (#"{"error":false,"access_token":"tok"}"#, "application/json"),
            ("access_token=tok", "application/x-www-form-urlencoded"), ("access_token=tok&scope=", "text/plain"),
            ("token_type=bearer&access_token=%74ok\n", nil), ("access_token=tok", "application/json"),
            (#"{"ok":true,"authed_user":{"access_token":"tok"}}"#, "application/json"),
            (#"{"ok":true,"access_token":"tok","authed_user":{"access_token":"user"}}"#, "application/json"),
        ] as [(String, String?)]
    )
    func shapes(body: String, type: String?) throws {
        let response = try granted(answer(200, body, type: type))
        #expect(response.accessToken == Secret("tok"))
        #expect(response.tokenType == "Bearer")
    }

    @Test("counts under every 2xx", arguments: [200, 201, 203, 299])
    func statuses(status: Int) throws {
        #expect(try granted(answer(status, #"{"access_token":"tok"}"#)).accessToken == Secret("tok"))
    }

    @Test(
        "states a lifetime in whole seconds, or none when it cannot be believed",
        arguments: [
            ("", nil), (#","expires_in":3600"#, 3_600), (#","expires_in":"3600""#, 3_600),
            (#","expires_in":" 3600 ""#, 3_600), (#","expires_in":3599.9"#, 3_599), (#","expires_in":"3599.9""#, 3_599),
            (#","expires_in":3.6e3"#, 3_600), (#","expiresIn":60"#, 60), (#","expires_in":1"#, 1),
            (#","expires_in":null"#, nil), (#","expires_in":0"#, nil), (#","expires_in":"0""#, nil),
            (#","expires_in":0.5"#, nil), (#","expires_in":-1"#, nil), (#","expires_in":"-3600""#, nil),
            (#","expires_in":"soon""#, nil), (#","expires_in":"""#, nil), (#","expires_in":"0x10""#, nil),
            (#","expires_in":"nan""#, nil), (#","expires_in":"inf""#, nil), (#","expires_in":true"#, nil),
            (#","expires_in":[3600]"#, nil), (#","expires_in":{"s":1}"#, nil), (#","expires_in":1e400"#, nil),
            (#","expires_in":-1e400"#, nil), (#","expires_in":315360000"#, 315_360_000),
            (#","expires_in":315360001"#, 315_360_000), (#","expires_in":9223372036854775807"#, 315_360_000),
            (#","expires_in":1e300"#, 315_360_000), (#","expires_in":"1e300""#, 315_360_000),
            (#","expires":3600"#, 3_600), (#","expires":"3600""#, 3_600), (#","expires":1767229200"#, 3_600),
            (#","expires":"1767229200""#, 3_600), (#","expires":1767229200000"#, 3_600),
            (#","expires":1767225600"#, nil), (#","expires":1767000000"#, nil), (#","expires":1e300"#, 315_360_000),
            (#","expires":"Thu, 01 Jan 2026 01:00:00 GMT""#, nil), (#","expires_in":60,"expires":3600"#, 60),
            (#","expires_in":0,"expires":3600"#, 3_600), (#","expires_in":null,"expires":3600"#, 3_600),
        ] as [(String, Int?)]
    )
    func lifetime(member: String, seconds: Int?) throws {
        let response = try granted(answer(200, #"{"access_token":"tok"\#(member)}"#))
        #expect(response.expiresIn == seconds.map { .seconds($0) })
    }

    @Test(
        "states how long its refresh token lives, or no end to it",
        arguments: [
            ("", nil), (#","refresh_token_expires_in":15811200"#, 15_811_200),
            (#","refresh_token_expires_in":"86400""#, 86_400), (#","refreshTokenExpiresIn":60"#, 60),
            // Keycloak, whose offline tokens have no end.
            (#","refresh_expires_in":1800"#, 1_800), (#","refresh_expires_in":0"#, nil),
            (#","refresh_token_expires_in":0"#, nil), (#","refresh_token_expires_in":-1"#, nil),
            (#","refresh_token_expires_in":"0""#, nil), (#","refresh_token_expires_in":null"#, nil),
            (#","refresh_token_expires_in":"never""#, nil), (#","refresh_token_expires_in":true"#, nil),
            (#","refresh_token_expires_in":59.9"#, 59), (#","refresh_token_expires_in":1e300"#, 315_360_000),
            (#","refresh_token_expires_in":60,"refresh_expires_in":1800"#, 60),
            (#","refresh_token_expires_in":null,"refresh_expires_in":1800"#, 1_800),
            // A date there would be a lifetime of fifty years, and no end at all is the same.
            (#","refresh_token_expires_in":1767229200"#, 315_360_000),
        ] as [(String, Int?)]
    )
    func refreshLifetime(member: String, seconds: Int?) throws {
        let body = #"{"access_token":"tok","expires_in":300,"refresh_token":"r"\#(member)}"#
        let response = try granted(answer(200, body))
        #expect(response.refreshTokenExpiresIn == seconds.map { .seconds($0) })
        #expect(response.expiresIn == .seconds(300))
    }

    @Test("takes an expiry date by the server's own clock")
    func expiryByServerClock() throws {
        let date = [(name: "Date", value: "Thu, 01 Jan 2026 00:10:00 GMT")]
        let response = try granted(answer(200, #"{"access_token":"tok","expires":1767229200}"#, headers: date))
        #expect(response.expiresIn == .seconds(3_000))
    }

    @Test(
        "has the type Bearer in one spelling and any other as it was written",
        arguments: [
            (#""Bearer""#, "Bearer"), (#""bearer""#, "Bearer"), (#""BEARER""#, "Bearer"), (#""""#, "Bearer"),
            ("null", "Bearer"), ("7", "Bearer"), (#""DPoP""#, "DPoP"), (#""mac""#, "mac"), (#""N_A""#, "N_A"),
        ]
    )
    func tokenType(written: String, expected: String) throws {
        #expect(try granted(answer(200, #"{"access_token":"tok","token_type":\#(written)}"#)).tokenType == expected)
    }

    @Test("under camel case names is read whole")
    func camelCase() throws {
        let body = #"{"accessToken":"tok","tokenType":"DPoP","expiresIn":"60","refreshToken":"r"}"#
        #expect(
            try granted(answer(200, body))
                == TokenResponse(
                    accessToken: Secret("tok"),
                    tokenType: "DPoP",
                    expiresIn: .seconds(60),
                    refreshToken: Secret("r")
                )
        )
    }

    @Test("takes every member from where the token is")
    func nestedMembers() throws {
        let body = """
            {"ok":true,"expires_in":1,"scope":"bot","refresh_token":"bot",
             "refresh_token_expires_in":2,"authed_user":{"access_token":"xoxp","expires_in":43200,"scope":"a,b",
             "refresh_token":"xoxe"}}
            """
        #expect(
            try granted(answer(200, body))
                == TokenResponse(
                    accessToken: Secret("xoxp"),
                    expiresIn: .seconds(43_200),
                    scope: ScopeSet(["a", "b"]),
                    refreshToken: Secret("xoxe")
                )
        )
    }

    @Test(
        "states a scope in any spelling, or none",
        arguments: [
            ("", nil), (#","scope":null"#, nil), (#","scope":7"#, nil), (#","scope":{"a":1}"#, nil),
            (#","scope":"""#, []), (#","scope":"b a b""#, ["a", "b"]), (#","scope":"repo,gist""#, ["gist", "repo"]),
            (#","scope":"repo, gist""#, ["gist", "repo"]), (#","scope":"a,1 b""#, ["a,1", "b"]),
            (#","scope":["b","a",7,""]"#, ["a", "b"]), (#","scope":"a  \u0007b""#, ["a"]),
        ] as [(String, [String]?)]
    )
    func scope(member: String, tokens: [String]?) throws {
        #expect(try granted(answer(200, #"{"access_token":"tok"\#(member)}"#)).scope?.tokens == tokens)
    }

    @Test("without a new refresh token keeps the old one", arguments: ["null", #""""#, "7", "[]"])
    func noRefreshToken(value: String) throws {
        #expect(try granted(answer(200, #"{"access_token":"tok","refresh_token":\#(value)}"#)).refreshToken == nil)
    }

    @Test(
        "whose token could not stand in a header is no response at all",
        arguments: [
            (#"{"access_token":"a\r\nX-Admin: 1"}"#, "unusable_access_token"),
            (#"{"access_token":"a\nb"}"#, "unusable_access_token"),
            (#"{"access_token":"a b"}"#, "unusable_access_token"),
            (#"{"access_token":"a\u0000"}"#, "unusable_access_token"),
            (#"{"access_token":"a\u007f"}"#, "unusable_access_token"),
            (#"{"access_token":"ä"}"#, "unusable_access_token"), (#"{"access_token":""}"#, "unusable_access_token"),
            (#"{"access_token":7}"#, "unusable_access_token"), (#"{"access_token":["t"]}"#, "unusable_access_token"),
            (#"{"access_token":"\ud800"}"#, "unusable_access_token"),
            ("access_token=a%0D%0Ab", "unusable_access_token"),
            ("access_token=", "unusable_access_token"), (#"{"access_token":null}"#, "no_access_token"),
            ("{}", "no_access_token"),
            (#"{"access_token":"t","token_type":"Bearer\r\nX:"}"#, "unusable_token_type"),
            (#"{"access_token":"t","token_type":"a b"}"#, "unusable_token_type"),
        ]
    )
    func unusable(body: String, error: String) {
        let failure = OAuth2Tests.failure(answer(200, body))
        #expect(failure?.failureClass == .protocol)
        #expect(failure?.error == error)
    }

    @Test("with bytes that are no UTF-8 in its token is refused, elsewhere repaired")
    func illFormed() throws {
        let inToken = Array(#"{"access_token":"t"#.utf8) + [0xFF] + Array(#""}"#.utf8)
        #expect(failure(answer(200, inToken))?.error == "unusable_access_token")
        let elsewhere = Array(#"{"access_token":"tok","name":""#.utf8) + [0xFF] + Array(#""}"#.utf8)
        #expect(try granted(answer(200, elsewhere)).accessToken == Secret("tok"))
    }

    @Test("beyond the bounds of what is read is unreadable, and nested too deep is not looked at")
    func bounds() throws {
        let many = Array(repeating: "0", count: 5_000).joined(separator: ",")
        #expect(failure(answer(200, #"{"access_token":"tok","x":[\#(many)]}"#))?.error == "unreadable_answer")
        let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(try granted(answer(200, #"{"access_token":"tok","x":\#(deep)}"#)).accessToken == Secret("tok"))
        #expect(failure(answer(200, String(repeating: "[", count: 100_000)))?.error == "unreadable_answer")
    }
}
