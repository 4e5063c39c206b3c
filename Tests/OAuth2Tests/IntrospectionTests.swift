import OAuth2
import Testing

@Suite("An introspection") struct IntrospectionTests {
    @Test("presents the token, and hides it")
    func request() {
        let request = IntrospectionRequest(
            token: Secret("t/1"),
            hint: .accessToken,
            clientID: "billing",
            authentication: .clientSecretPost(Secret("s"))
        ).encoded()
        #expect(
            request.body.exposed()
                == "token=t%2F1&token_type_hint=access_token&client_id=billing&client_secret=s"
        )
        #expect(Set(request.presented.map { $0.exposed() }) == ["t/1", "t%2F1", "s"])
    }

    @Test("tells whether the token is good, and what the server says besides")
    func answers() throws {
        let active = try Introspection.read(
            answer(200, #"{"active":true,"scope":"b a","sub":"ann","exp":1767229200,"client_id":"billing"}"#)
        )
        #expect(active.isActive && active.scope == ScopeSet(["a", "b"]) && active.subject == "ann")
        #expect(active.expiresAt == .seconds(1_767_229_200))
        #expect(
            try Introspection.read(answer(200, #"{"active":false}"#))
                == Introspection(isActive: false)
        )
        let odd = try Introspection.read(answer(200, #"{"active":true,"exp":"never","sub":7,"username":"a\u001bnn"}"#))
        #expect(odd.expiresAt == nil && odd.subject == "a nn")
    }

    @Test(
        "is none without the server's yes or no",
        arguments: [
            (200, "{}"), (200, #"{"active":"true"}"#), (200, "<html>"), (200, ""), (503, ""),
            (401, #"{"error":"invalid_client"}"#),
        ]
    )
    func none(status: Int, body: String) {
        #expect(throws: TokenEndpointFailure.self) { try Introspection.read(answer(status, body)) }
    }
}
