import OAuth2
import Testing

import Diagnosis

@Suite("An explanation") struct DiagnosisTests {
    private static let client = ClientName("billing")

    private static let newRefreshToken = "Put a new refresh token where refresh_token in [clients.billing] says."

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
                "Ask", "Check", "Enable", "Exempt", "Finish", "Free", "Let", "Log", "Look", "Lower", "Put", "Raise",
                "Set", "Turn", "Wait",
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
            ("client_certificate_refused", "certificate"), ("client_certificate_unusable", "private_key"),
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
        #expect(explain(.loginRequired, "invalid_grant").remedy == Self.newRefreshToken)
        #expect(explain(.configuration, "invalid_grant").remedy.hasPrefix("Enable the client-credentials grant"))
    }

    @Test("names a login where logins bring the grant, and no place of a new refresh token", arguments: causes)
    func logins(cause: String) throws {
        let client = try #require(ClientName("billing"))
        for grant in [Grant.authorizationCode, .deviceCode] {
            let failure = TokenEndpointFailure(.loginRequired, error: cause)
            let remedy = Diagnosis.explain(failure, client: client, grant: grant).remedy
            let other = explain(.loginRequired, cause).remedy
            #expect(!remedy.contains("a new refresh token where") && !remedy.contains("the new refresh token where"))
            #expect(remedy.contains("tokenctl login billing") || remedy == other)
        }
    }

    @Test(
        "of a grant that is gone names the place of a new one",
        arguments: [
            "invalid_grant", "bad_refresh_token", "interaction_required", "login_required", "logged_out",
            "empty_answer", "unreadable_answer", "unnamed_error",
        ]
    )
    func newGrant(cause: String) {
        #expect(explain(.loginRequired, cause).remedy == Self.newRefreshToken)
        #expect(explain(.configuration, "empty_answer").remedy.hasPrefix("Check client_id"))
    }

    @Test("of a grant that only a person can judge says why, and with which command")
    func operatorsWord() throws {
        let restored = explain(.loginRequired, "grant_restored")
        #expect(restored.summary.contains("backup") && restored.summary.contains("spent"))
        #expect(restored.remedy.contains("`tokenctl refresh billing --trust-restored` if nothing else used the grant"))
        let dotted = try #require(ClientName("a.b"))
        let lost = explain(.loginRequired, "grant_lost", client: dotted)
        #expect(lost.summary.contains("damaged database"))
        #expect(lost.remedy.contains("`tokenctl refresh a.b --retake-first-token`, but only if"))
        #expect(lost.remedy.contains("[clients.\"a.b\"]"))
        #expect(explain(.loginRequired, "grant_lost", client: nil).remedy.contains("tokenctl refresh CLIENT --retake"))
    }

    @Test("of a refusal that is true of several secrets says of how many")
    func secrets() {
        var failure = TokenEndpointFailure(.configuration, error: "invalid_client")
        failure.refusedSecrets = 2
        let summary = Diagnosis.explain(failure, client: Self.client).summary
        #expect(summary.hasSuffix("does not accept the client's identifier and secret: each of 2 secrets was tried."))
    }

    @Test("of a store or a first token that is the matter says what the failure says")
    func words() {
        let store = TokenEndpointFailure(.transient, .storeNotWritable, words: "the disk is full")
        #expect(Diagnosis.explain(store, client: Self.client).summary.hasSuffix("could be lost: the disk is full."))
        let first = TokenEndpointFailure(.configuration, .refreshTokenUnreadable, words: "/first is empty")
        #expect(Diagnosis.explain(first, client: Self.client).summary.hasSuffix("cannot be had: /first is empty."))
    }
}
