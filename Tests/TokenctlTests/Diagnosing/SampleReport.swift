import Diagnosis

/// A diagnosis as the daemon would give it.
enum SampleReport {
    static let failing = DiagnosisReport(
        client: "billing",
        provider: "cognito",
        grant: "client_credentials",
        clientID: "1example23456789",
        tokenEndpoint: "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token?x=1",
        daemonVersion: "0.1.0",
        healthy: false,
        verdict: "The app client may not use the client-credentials grant.",
        causes: [
            RankedCause(
                id: "grant_not_allowed",
                summary: "The app client may not use the client-credentials grant.",
                confidence: .certain,
                evidence: ["A refresh token that nobody issued is refused as unauthorized_client."],
                remedy: "Enable the client-credentials grant on this app client.",
                lookUp: "Amazon Cognito console, App clients, Login pages."
            ),
            RankedCause(
                id: "wrong_secret",
                summary: "The secret is not the client's.",
                confidence: .unlikely,
                against: ["Cognito answers a wrong secret with invalid_client."],
                remedy: "Put the present secret in."
            ),
            RankedCause(
                id: "disabled_client",
                summary: "The client is disabled.",
                confidence: .possible,
                remedy: "Enable it.",
                lookUp: "The console."
            ),
        ],
        probes: [
            ProbeRecord(
                name: "fake_refresh_token",
                asked: "a refresh token that nobody issued",
                learned: "The client is accepted, and its grant is not.",
                at: 1_800_000_000,
                serverStatus: 400,
                requestID: "11111111-2222-3333-4444-555555555555"
            )
        ],
        failure: FailureRecord(
            error: "unauthorized_client",
            serverStatus: 400,
            serverWords: "`no`\u{1B}[31m",
            requestID: "a-b-c",
            at: 1_800_000_000
        ),
        notes: ["With --spend one more token is asked for."]
    )

    static let healthy = DiagnosisReport(
        client: "billing",
        provider: "cognito",
        grant: "client_credentials",
        healthy: true,
        verdict: "Nothing is wrong with the client.",
        health: Health(
            roundTripMilliseconds: 42,
            expiresIn: 3_000,
            scope: "invoices/read",
            claims: ["iss": "https://issuer.example", "client_id": "1example"]
        )
    )
}
