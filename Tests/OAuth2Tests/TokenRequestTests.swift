import Testing

import OAuth2

@Suite("A token request") struct TokenRequestTests {
    private func request(
        _ authentication: ClientAuthentication,
        id: String = "billing",
        target: TokenTarget = TokenTarget(),
        parameters: [(String, String)] = []
    ) -> EncodedTokenRequest {
        TokenRequest(
            grant: .clientCredentials,
            clientID: id,
            authentication: authentication,
            target: target,
            parameters: parameters.map { FormParameter(name: $0.0, value: $0.1) }
        ).encoded()
    }

    private func authorization(_ request: EncodedTokenRequest) -> String? {
        request.headers.first { $0.name == "Authorization" }?.value.exposed()
    }

    @Test("carries Cognito's published Basic credentials in both encodings", arguments: BasicEncoding.allCases)
    func cognitoVector(encoding: BasicEncoding) {
        let request = request(.clientSecretBasic(Secret("abcdef01234567890"), encoding), id: "djc98u3jiedmi283eu928")
        #expect(
            authorization(request) == "Basic ZGpjOTh1M2ppZWRtaTI4M2V1OTI4OmFiY2RlZjAxMjM0NTY3ODkw"
        )
        #expect(request.body.exposed() == "grant_type=client_credentials")
    }

    @Test(
        "form-encodes identifier and secret before base64 unless told not to",
        arguments: [
            // id%3A1+%2B:s%2Fec%25+ret and id:1 +:s/ec% ret
            (BasicEncoding.form, "Basic aWQlM0ExKyUyQjpzJTJGZWMlMjUrcmV0"), (.raw, "Basic aWQ6MSArOnMvZWMlIHJldA=="),
        ]
    )
    func basicEncoding(encoding: BasicEncoding, expected: String) {
        let request = request(.clientSecretBasic(Secret("s/ec% ret"), encoding), id: "id:1 +")
        #expect(authorization(request) == expected)
    }

    @Test("authenticates by one method only")
    func oneMethod() {
        let post = request(.clientSecretPost(Secret("s+/ =&")))
        #expect(
            post.body.exposed() == "grant_type=client_credentials&client_id=billing&client_secret=s%2B%2F+%3D%26"
        )
        #expect(authorization(post) == nil)

        let none = request(.none)
        #expect(none.body.exposed() == "grant_type=client_credentials&client_id=billing")
        #expect(authorization(none) == nil)
    }

    @Test("states what it is and what it reads")
    func headers() {
        for authentication in [ClientAuthentication.none, .clientSecretBasic(Secret("s"), .form)] {
            let fields = request(authentication).headers.prefix(2).map { [$0.name, $0.value.exposed()] }
            #expect(
                fields == [
                    ["Accept", "application/json"], ["Content-Type", "application/x-www-form-urlencoded"],
                ]
            )
        }
    }

    @Test("names scope, audience and each resource, in an order that does not depend on how they were given")
    func target() {
        let one = TokenTarget(
            scope: ScopeSet(["b/write", "a/read"]),
            audience: "https://api",
            resource: ["https://r/2", "https://r/1"]
        )
        let other = TokenTarget(
            scope: ScopeSet(["a/read", "b/write", "a/read"]),
            audience: "https://api",
            resource: ["https://r/1", "https://r/2", "https://r/1"]
        )
        let body = request(.none, target: one).body
        #expect(
            body.exposed() == "grant_type=client_credentials&client_id=billing&scope=a%2Fread+b%2Fwrite"
                + "&audience=https%3A%2F%2Fapi&resource=https%3A%2F%2Fr%2F1&resource=https%3A%2F%2Fr%2F2"
        )
        #expect(body == request(.none, target: other).body)
    }

    @Test("never holds a parameter that is empty, repeated or the protocol's own")
    func extraParameters() {
        let extra =
            [("aws_client_metadata", "{\"a\":1}"), ("empty", ""), ("", "x"), ("twice", "1"), ("twice", "2")]
            + TokenRequest.protocolParameters.sorted().map { ($0, "hijacked") }
        let target = TokenTarget(audience: "", resource: [""])
        let body = request(.clientSecretPost(Secret("s")), target: target, parameters: extra).body.exposed()
        #expect(
            body == "grant_type=client_credentials&client_id=billing&client_secret=s"
                + "&aws_client_metadata=%7B%22a%22%3A1%7D&twice=1"
        )
    }

    @Test("leaves an empty secret out rather than send an empty parameter")
    func emptySecret() {
        #expect(
            request(.clientSecretPost(Secret(""))).body.exposed() == "grant_type=client_credentials&client_id=billing"
        )
    }

    @Test("protects every name that it writes itself")
    func writtenNamesAreProtected() throws {
        let target = TokenTarget(scope: ScopeSet(["s"]), audience: "a", resource: ["r"])
        let body = request(.clientSecretPost(Secret("s")), target: target).body.exposedBytes()
        let names = try #require(FormEncoding.decode(body)).map(\.name)
        #expect(names.count == 6)
        #expect(TokenRequest.protocolParameters.isSuperset(of: names))
    }

    @Test("presents its refresh token once, and hides it in every spelling")
    func refreshToken() {
        let request = TokenRequest(
            grant: .refreshToken(Secret("1//a b")),
            clientID: "billing",
            authentication: .clientSecretPost(Secret("s")),
            parameters: [FormParameter(name: "refresh_token", value: "other")]
        ).encoded()
        #expect(
            request.body.exposed()
                == "grant_type=refresh_token&client_id=billing&client_secret=s&refresh_token=1%2F%2Fa+b"
        )
        #expect(Set(request.presented.map { $0.exposed() }) == ["s", "1//a b", "1%2F%2Fa+b"])
    }
}

@Suite("A client that proves itself without sending a secret") struct AssertedAuthenticationTests {
    private func body(_ authentication: ClientAuthentication) -> EncodedTokenRequest {
        TokenRequest(grant: .clientCredentials, clientID: "billing", authentication: authentication).encoded()
    }

    @Test("sends an assertion beside its name, and hides it")
    func assertion() {
        let request = body(.assertion(Secret("e30.e30.c2ln")))
        #expect(
            request.body.exposed()
                == "grant_type=client_credentials&client_id=billing&client_assertion_type="
                + "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=e30.e30.c2ln"
        )
        #expect(request.presented.first?.exposed() == "e30.e30.c2ln")
        #expect(!request.headers.contains { $0.name == "Authorization" })
    }

    @Test("by a certificate sends its name alone")
    func certificate() {
        #expect(body(.certificate).body.exposed() == "grant_type=client_credentials&client_id=billing")
    }

    @Test("may present an assertion for a grant")
    func grant() {
        let request = TokenRequest(
            grant: .jwtBearer(assertion: Secret("a.b.c")),
            clientID: "billing",
            authentication: .none,
            target: TokenTarget(scope: ScopeSet(["read"]))
        ).encoded()
        #expect(
            request.body.exposed()
                == "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&client_id=billing&assertion=a.b.c"
                + "&scope=read"
        )
    }
}
