import OAuth2
import Testing

@Suite("A failed authentication") struct FailedAuthenticationTests {
    @Test(
        "is told from other refusals, more strictly where the grant could be spent",
        arguments: [
            (400, "invalid_client", FailureClass.configuration, true, true),
            (401, "invalid_client", .configuration, true, true),
            (401, "unauthorized_client", .configuration, true, true),
            (400, "unauthorized_client", .configuration, false, false),
            (401, "empty_answer", .configuration, true, false), (401, "empty_answer", .halted, false, false),
            (403, "unreadable_answer", .configuration, true, false),
            (403, "access_denied", .configuration, false, false),
            (400, "empty_answer", .configuration, false, false),
            (401, "invalid_grant", .loginRequired, false, false),
            (401, "invalid_client", .transient, false, false), (400, "invalid_client", .halted, false, false),
            (401, "html_answer", .endpointMisconfigured, false, false),
            (200, "incorrect_client_credentials", .configuration, true, true),
            (200, "bad_client_secret", .configuration, true, true),
            (200, "bad_redirect_uri", .configuration, false, false),
        ]
    )
    func table(status: Int, error: String, failureClass: FailureClass, isFailed: Bool, isFailedOfOneUse: Bool) {
        let failure = TokenEndpointFailure(failureClass, error: error, serverStatus: status)
        #expect(failure.isFailedAuthentication(presenting: .clientCredentials) == isFailed)
        #expect(failure.isFailedAuthentication(presenting: nil) == isFailed)
        #expect(failure.isFailedAuthentication(presenting: .refreshToken) == isFailedOfOneUse)
    }

    @Test("is an answer of the server's, and nothing of ours")
    func local() {
        for fault in LocalFault.allCases {
            #expect(!TokenEndpointFailure(.configuration, fault).isFailedAuthentication(presenting: nil))
        }
        for transport in TransportFailure.allCases {
            let failure = TokenEndpointFailure(transport: transport, words: nil, grant: .clientCredentials)
            #expect(!failure.isFailedAuthentication(presenting: .clientCredentials))
        }
    }
}
