import OAuth2
import Testing

import Diagnosis

@Suite("An explanation") struct DiagnosisTests {
    private static let client = ClientName("billing")

    private func explain(_ failureClass: FailureClass, _ error: String, client: ClientName? = client) -> Explanation {
        Diagnosis.explain(TokenEndpointFailure(failureClass, error: error), client: client)
    }

    private static let causes =
        OAuthErrorCode.allCases.map(\.rawValue) + AnswerFault.allCases.map(\.rawValue)
        + TransportFailure.allCases.map(\.rawValue) + LocalFault.allCases.map(\.rawValue)

    @Test("of each cause that we know is its own and not its class's", arguments: causes)
    func knownCauses(cause: String) {
        for failureClass in FailureClass.allCases where failureClass != .halted {
            let explanation = explain(failureClass, cause)
            #expect(explanation.cause == cause)
            #expect(explanation.summary != explain(failureClass, "vendor_code").summary || isShared(cause))
        }
    }

    @Test("of one that made the daemon stop asking says so, whatever the code", arguments: causes)
    func halted(cause: String) {
        #expect(explain(.halted, cause).summary == explain(.halted, "vendor_code").summary)
        #expect(explain(.halted, cause).remedy.contains("tokenctl refresh"))
    }

    /// Causes that mean just what their class means.
    private func isShared(_ cause: String) -> Bool {
        ["slow_down", "rate_limited", "authorization_pending", "expired_token", "use_dpop_nonce"].contains(cause)
    }

    @Test("is a sentence with one imperative sentence beside it", arguments: causes + ["vendor_code"])
    func sentences(cause: String) {
        for failureClass in FailureClass.allCases {
            let explanation = explain(failureClass, cause)
            for text in [explanation.summary, explanation.remedy] {
                #expect(text.hasSuffix("."))
                #expect(!text.contains(". "), "one sentence")
                #expect(text.first?.isUppercase == true)
                #expect(!text.contains("{") && !text.contains("  "))
            }
            let verbs = [
                "Ask", "Check", "Enable", "Exempt", "Finish", "Let", "Log", "Look", "Lower", "Put", "Raise", "Set",
                "Turn",
                "Wait",
            ]
            #expect(verbs.contains { explanation.remedy.hasPrefix($0 + " ") }, "\(explanation.remedy)")
        }
    }

    @Test("of a vendor's own code keeps the code and explains the class", arguments: FailureClass.allCases)
    func unknownCauses(failureClass: FailureClass) {
        let explanation = explain(failureClass, "incorrect_client_credentials")
        #expect(explanation.cause == "incorrect_client_credentials")
        #expect(explanation.summary == explain(failureClass, "another").summary)
    }

    @Test("names the client's section as TOML writes it")
    func section() throws {
        #expect(explain(.configuration, "invalid_client").remedy.contains("in [clients.billing], and whether"))
        let dotted = try #require(ClientName("a.b"))
        #expect(explain(.configuration, "invalid_client", client: dotted).remedy.contains("[clients.\"a.b\"]"))
        #expect(explain(.configuration, "invalid_client", client: nil).remedy.contains("in the client's section"))
    }

    @Test(
        "names the setting that mends it",
        arguments: [
            ("invalid_client", "basic_encoding = \"raw\""), ("invalid_client", "client_secret_post"),
            ("certificate_refused", "ca_file"), ("invalid_scope", "scopes"), ("invalid_target", "audience"),
            ("proxy_failed", "proxy"), ("not_found", "token_endpoint"), ("response_timeout", "request_timeout"),
        ]
    )
    func settings(cause: String, setting: String) {
        #expect(explain(.configuration, cause).remedy.contains(setting))
    }

    @Test("of what is wrong on this side says what it is")
    func localFaults() {
        let failure = TokenEndpointFailure(.configuration, .secretUnreadable, words: "file /a cannot be read")
        let explanation = Diagnosis.explain(failure, client: Self.client)
        #expect(explanation.summary == "The client's secret cannot be had: file /a cannot be read.")
        #expect(explanation.remedy.contains("client_secret in [clients.billing]"))
    }

    @Test("of a refused grant depends on whether a person stands behind it")
    func invalidGrant() {
        #expect(explain(.loginRequired, "invalid_grant").remedy == "Log in again.")
        #expect(explain(.configuration, "invalid_grant").remedy.hasPrefix("Enable the client-credentials grant"))
    }
}
