import OAuth2
import Testing

@Suite("A failed refresh") struct RefreshGrantTests {
    @Test(
        "is classified so that no grant is dropped but by a server's clear word",
        arguments: [
            // Clear words.
            (400, #"{"error":"invalid_grant"}"#, .loginRequired), (401, #"{"error":"invalid_grant"}"#, .loginRequired),
            (400, #"{"error":"interaction_required"}"#, .loginRequired),
            (400, #"{"error":"invalid_client"}"#, .configuration),
            (401, #"{"error":"invalid_client"}"#, .configuration),
            (400, #"{"error":"unauthorized_client"}"#, .configuration),
            (400, #"{"error":"who_knows"}"#, .configuration),
            // Refused without a reason.
            (400, "", .unexplainedRefusal), (400, "{}", .unexplainedRefusal), (400, "Bad Request", .unexplainedRefusal),
            (400, #"{"message":"no"}"#, .unexplainedRefusal), (400, #"{"broken"#, .unexplainedRefusal),
            (401, "", .halted), (403, "", .halted), (401, "{", .halted), (403, "Forbidden", .halted),
            (409, "", .configuration),
            // Handled, and the token not used.
            (429, "", .transient), (503, "", .transient), (500, #"{"error":"server_error"}"#, .transient),
            (400, #"{"error":"temporarily_unavailable"}"#, .transient),
            // It may have been used.
            (408, "", .unknown), (500, "", .unknown), (502, "<html>", .unknown), (504, "timeout", .unknown),
            (200, "", .unknown), (200, "<html>captive portal</html>", .unknown), (200, "{}", .unknown),
            (200, #"{"token_type":"Bearer"}"#, .unknown), (200, "ok", .unknown),
            // Nobody there who could have used it.
            (302, "", .endpointMisconfigured), (404, "", .endpointMisconfigured), (405, "", .endpointMisconfigured),
            (403, "<html>firewall</html>", .endpointMisconfigured),
        ] as [(Int, String, FailureClass)]
    )
    func classes(status: Int, body: String, failureClass: FailureClass) {
        guard case .failure(let failure) = TokenAnswer.read(answer(status, body), grant: .refreshToken) else {
            Issue.record("a success")
            return
        }
        #expect(failure.failureClass == failureClass)
    }

    @Test(
        "without an answer may have used the token exactly when the request was sent",
        arguments: TransportFailure.allCases
    )
    func transport(transport: TransportFailure) {
        let failure = TokenEndpointFailure(transport: transport, words: nil, grant: .refreshToken)
        #expect((failure.failureClass == .unknown) == transport.mayHaveBeenProcessed)
    }

    @Test("sends the refresh token in the body, hides it, and the client's own grant sends none")
    func request() {
        var request = TokenRequest(
            grant: .refreshToken(Secret("r&1-of-ann")),
            clientID: "billing",
            authentication: .none
        )
        #expect(
            request.encoded().body.exposed() == "grant_type=refresh_token&client_id=billing&refresh_token=r%261-of-ann"
        )
        let said = answer(400, #"{"error":"invalid_grant","error_description":"r&1-of-ann is unknown"}"#)
        let read = TokenAnswer.read(said, grant: .refreshToken, presented: request.encoded().presented)
        guard case .failure(let failure) = read else { return }
        #expect(failure.serverWords?.contains("r&1-of-ann") == false)
        request.grant = .clientCredentials
        #expect(request.encoded().body.exposed() == "grant_type=client_credentials&client_id=billing")
    }

    @Test(
        "keeps the old refresh token when the answer brings none, or null",
        arguments: ["", #","refresh_token":null"#]
    )
    func keepsOld(member: String) throws {
        let answer = answer(200, #"{"access_token":"a","expires_in":60\#(member)}"#)
        #expect(try TokenAnswer.read(answer, grant: .refreshToken).get().refreshToken == nil)
    }
}
