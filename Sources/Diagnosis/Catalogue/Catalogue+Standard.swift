import OAuth2

extension Catalogue {
    /// What RFC 6749 says of every authorization server, and what stands between it and this machine.
    static let standard = Catalogue(
        signatures: [
            SignatureRow(
                Signature(errors: ["invalid_client"]),
                [(.wrongSecret, 40), (.unknownClient, 30), (.authenticationMethod, 20), (.disabledClient, 10)]
            )
        ],
        causes: [
            Cause(
                .wrongSecret,
                "The authorization server does not accept the secret that is in {section}.",
                remedy: "Put the client's present secret where client_secret in {section} says.",
                evidence: [
                    .fakeClientRefused: Points.support, .fakeGrantRefused: Points.disproof,
                    .fakeGrantNotAllowed: Points.disproof, .sameAsMadeUpSecret: Points.support,
                    .unlikeMadeUpSecret: Points.disproof,
                ],
                alike: [.unknownClient]
            )
        ]
    )
}
