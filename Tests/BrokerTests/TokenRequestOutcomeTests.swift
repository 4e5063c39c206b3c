import OAuth2
import Testing

@testable import Broker

@Suite struct TokenRequestOutcomeTests {
    @Test(
        arguments: [
            (TokenRequestOutcome.notSent, nil), (.token, false),
            (.failed(TokenEndpointFailure(.configuration, error: "invalid_client", serverStatus: 401)), false),
            (.failed(TokenEndpointFailure(.transient, error: "http_server_error", serverStatus: 502)), true),
            (.failed(TokenEndpointFailure(.protocol, error: "empty_answer", serverStatus: 200)), true),
            (
                .failed(
                    TokenEndpointFailure(.configuration, error: "certificate_refused", transport: .certificateRefused)
                ), true
            ),
            (.failed(TokenEndpointFailure(.configuration, .caFileUnusable)), nil),
            (
                .failed(
                    TokenEndpointFailure(transport: .clientCertificateRefused, words: nil, grant: .clientCredentials)
                ), nil
            ),
            (.failed(TokenEndpointFailure(.transient, .metadataUnavailable, serverStatus: 503)), true),
        ] as [(TokenRequestOutcome, Bool?)]
    )
    func `a server is known to be well or failing only by what it did`(outcome: TokenRequestOutcome, isFailing: Bool?) {
        #expect(outcome.isServerFailing == isFailing)
    }
}
