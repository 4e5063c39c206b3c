import OAuth2
import Testing

@Suite("A login") struct LoginRequestTests {
    private static let target = TokenTarget(
        scope: ScopeSet(["openid", "mail read"]),
        audience: "https://api",
        resource: ["https://r/1", "https://r/2"]
    )

    private func url(_ endpoint: String, target: TokenTarget = TokenTarget()) throws -> String {
        AuthorizationRequest(
            clientID: "mail client",
            redirectURI: "http://127.0.0.1:8123/callback?a=b",
            state: "s+t",
            codeChallenge: "c-h_a",
            target: target,
            parameters: [
                FormParameter(name: "prompt", value: "consent"), FormParameter(name: "state", value: "other"),
            ]
        ).url(at: try EndpointURL(endpoint))
    }

    @Test("sends the browser with all that RFC 6749 and 7636 ask for, and no parameter twice")
    func authorizationURL() throws {
        #expect(
            try url("https://as.example/authorize")
                == "https://as.example/authorize?response_type=code&client_id=mail%20client"
                + "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8123%2Fcallback%3Fa%3Db&state=s%2Bt&code_challenge=c-h_a"
                + "&code_challenge_method=S256&prompt=consent"
        )
        let whole = try url("https://as.example/authorize", target: Self.target)
        #expect(
            whole.contains(
                "&scope=mail%20read%20openid&audience=https%3A%2F%2Fapi&resource=https%3A%2F%2Fr%2F1"
                    + "&resource=https%3A%2F%2Fr%2F2&prompt"
            )
        )
    }

    @Test("keeps the endpoint's own query", arguments: [("?", "?"), ("?tenant=1", "?tenant=1&"), ("", "?")])
    func ownQuery(query: String, kept: String) throws {
        let url = try url("https://as.example/authorize\(query)")
        #expect(url.hasPrefix("https://as.example/authorize\(kept)response_type=code&"))
    }

    @Test(
        "takes a redirect for its answer by state and issuer alone",
        arguments: [
            ("code=c&state=s", true, nil), ("code=a%2Fb%20c&state=s&session_state=x", true, nil),
            ("state=s&code=c&iss=https://as.example", true, nil),
            ("code=c", false, .stateDiffers), ("code=c&state=S", false, .stateDiffers),
            ("code=c&state=", false, .stateDiffers), ("error=access_denied&state=t", false, .stateDiffers),
            ("code=c&state=s&state=s", false, .malformed), ("code=c&code=d&state=s", false, .malformed),
            ("code=%zz&state=s", false, .malformed), ("code=%ff&state=s", false, .malformed),
            ("code=c&state=s&iss=https://evil.example", false, .issuerDiffers(found: "https://evil.example")),
            ("state=s", false, .noCode), ("code=&state=s", false, .noCode), ("", false, .stateDiffers),
            ("error=access_denied&state=s", false, .declined(error: "access_denied", words: nil)),
            (
                "error=server_error&error_description=it%20broke%1b[0m&state=s&code=c", false,
                .declined(error: "server_error", words: "it broke [0m")
            ),
        ] as [(String, Bool, AuthorizationResponse.Refusal?)]
    )
    func response(query: String, isTaken: Bool, refusal: AuthorizationResponse.Refusal?) {
        let outcome = Result { () throws(AuthorizationResponse.Refusal) in
            try AuthorizationResponse.code(
                inQuery: query.utf8,
                state: Secret("s"),
                issuer: "https://as.example",
                isIssuerStated: false
            )
        }
        switch outcome {
        case .success(let code): #expect(isTaken && ["c", "a/b c"].contains(code.exposed()))
        case .failure(let found): #expect(found == refusal)
        }
    }

    @Test("misses the issuer where the server says that it names itself")
    func missingIssuer() {
        #expect(throws: AuthorizationResponse.Refusal.issuerDiffers(found: nil)) {
            try AuthorizationResponse.code(
                inQuery: "code=c&state=s".utf8,
                state: Secret("s"),
                issuer: "https://as.example",
                isIssuerStated: true
            )
        }
    }

    @Test("redeems its code with the redirect and the verifier, and asks for no other scope")
    func codeRequest() {
        let request = TokenRequest(
            grant: .authorizationCode(
                Secret("c/1"),
                redirectURI: "http://127.0.0.1:8123/callback",
                codeVerifier: Secret("v-1")
            ),
            clientID: "mail",
            authentication: .none,
            target: Self.target
        ).encoded()
        #expect(
            request.body.exposed()
                == "grant_type=authorization_code&client_id=mail&code=c%2F1"
                + "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8123%2Fcallback&code_verifier=v-1"
                + "&resource=https%3A%2F%2Fr%2F1&resource=https%3A%2F%2Fr%2F2"
        )
        #expect(Set(request.presented.map { $0.exposed() }) == ["c/1", "c%2F1", "v-1"])
    }
}

@Suite("A login on another device") struct DeviceAuthorizationTests {
    @Test("begins with what it is for")
    func request() {
        let request = DeviceAuthorizationRequest(
            clientID: "mail",
            authentication: .clientSecretPost(Secret("s")),
            target: TokenTarget(scope: ScopeSet(["b", "a"])),
            parameters: [FormParameter(name: "scope", value: "c"), FormParameter(name: "tenant", value: "1")]
        ).encoded()
        #expect(request.body.exposed() == "client_id=mail&client_secret=s&scope=a+b&tenant=1")
    }

    @Test("asks with the device code")
    func tokenRequest() {
        let request = TokenRequest(grant: .deviceCode(Secret("d 1")), clientID: "mail", authentication: .none).encoded()
        #expect(
            request.body.exposed()
                == "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id=mail&device_code=d+1"
        )
    }

    private func read(_ body: String) throws(TokenEndpointFailure) -> DeviceAuthorization {
        try DeviceAuthorization.read(answer(200, body))
    }

    @Test("is told what RFC 8628 has, and what servers leave out")
    func answers() throws {
        let whole = try read(
            #"{"device_code":"d","user_code":"WDJB-MJHT","verification_uri":"https://as.example/device","#
                + #""verification_uri_complete":"https://as.example/device?user_code=WDJB-MJHT","expires_in":1800,"#
                + #""interval":7}"#
        )
        #expect(whole.userCode == "WDJB-MJHT" && whole.verificationURI == "https://as.example/device")
        #expect(whole.verificationURIComplete == "https://as.example/device?user_code=WDJB-MJHT")
        #expect(whole.expiresIn == .seconds(1_800) && whole.interval == .seconds(7))
        let google = try read(
            #"{"device_code":"d","user_code":"A","verification_url":"https://www.google.com/device","expires_in":"60"}"#
        )
        #expect(google.verificationURI == "https://www.google.com/device" && google.verificationURIComplete == nil)
        #expect(google.expiresIn == .seconds(60) && google.interval == DeviceAuthorization.standardInterval)
        let odd = try read(
            #"{"device_code":"d","user_code":"A","verification_uri":"https://as.example/","expires_in":1e300,"#
                + #""interval":-3,"verification_uri_complete":"javascript:alert(1)"}"#
        )
        #expect(odd.expiresIn == DeviceAuthorization.longestLife && odd.interval == .seconds(5))
        #expect(odd.verificationURIComplete == nil)
    }

    @Test(
        "is nothing without its codes or a page to open",
        arguments: [
            "{}", "", "<html>", #"{"device_code":"d","user_code":"A"}"#,
            #"{"device_code":"d","verification_uri":"https://as.example/"}"#,
            #"{"user_code":"A","verification_uri":"https://as.example/"}"#,
            #"{"device_code":"d","user_code":"A","verification_uri":"file:///etc/passwd"}"#,
            #"{"device_code":"d","user_code":"A","verification_uri":"https://as.example/\u001b[2J"}"#,
            #"{"error":"invalid_client"}"#,
        ]
    )
    func nothing(body: String) {
        #expect(throws: TokenEndpointFailure.self) { try read(body) }
    }

    @Test(
        "waits, waits longer, or ends, by the server's word",
        arguments: [
            ("authorization_pending", .authorizationPending), ("slow_down", .slowDown),
            ("expired_token", .expiredDeviceCode), ("access_denied", .configuration), ("invalid_grant", .loginRequired),
        ] as [(String, FailureClass)]
    )
    func polling(code: String, failureClass: FailureClass) {
        guard
            case .failure(let failure) = TokenAnswer.read(answer(400, #"{"error":"\#(code)"}"#), grant: .deviceCode)
        else {
            Issue.record("a success")
            return
        }
        #expect(failure.failureClass == failureClass)
    }
}
