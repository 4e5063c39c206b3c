extension Manner {
    /// A tenant's identifier.
    static let entraTenant = "5e0f9a52-8d0c-4b6e-9a55-2f0c4b0d7a11"

    /// Microsoft Entra ID: a number for everything.
    static let entra = Manner(
        "entra",
        envelope: Envelope(
            shape: .entra,
            requestIDHeader: "x-ms-request-id",
            contentType: "application/json; charset=utf-8"
        ),
        paths: [
            .token: "/\(entraTenant)/oauth2/v2.0/token", .authorization: "/\(entraTenant)/oauth2/v2.0/authorize",
            .deviceAuthorization: "/\(entraTenant)/oauth2/v2.0/devicecode",
            .jwks: "/\(entraTenant)/discovery/v2.0/keys",
        ],
        issuerPath: "/\(entraTenant)/v2.0",
        refusals: [
            .requestMalformed: Refusal(400, "invalid_request", "A required parameter is missing.", number: 900_144),
            .clientMissing: Refusal(
                400,
                "invalid_request",
                "The request body must contain the following parameter: 'client_id'.",
                number: 900_144
            ),
            .clientUnknown: Refusal(
                400,
                "unauthorized_client",
                "Application was not found in the directory 'Laboratory'.",
                number: 700_016
            ),
            .clientDisabled: Refusal(400, "unauthorized_client", "Application is disabled.", number: 7_000_112),
            .secretMissing: Refusal(
                401,
                "invalid_client",
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
                number: 7_000_218
            ),
            .secretWrong: Refusal(
                401,
                "invalid_client",
                "Invalid client secret provided: send the secret's value, not its ID.",
                number: 7_000_215
            ),
            .secretNotWanted: Refusal(
                401,
                "invalid_client",
                "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
                number: 700_025
            ),
            .assertionRefused: Refusal(
                401,
                "invalid_client",
                "The certificate with identifier used to sign the client assertion is not registered on application.",
                number: 700_027
            ),
            .grantUnknown: Refusal(400, "unsupported_grant_type", "The grant type is not supported.", number: 70_003),
            .grantNotAllowed: Refusal(400, "unauthorized_client", "The grant is not enabled.", number: 70_001),
            .scopeNotAllowed: Refusal(
                400,
                "invalid_scope",
                "The provided value for the input parameter 'scope' is not valid.",
                number: 70_011
            ),
            .refreshTokenUnknown: Refusal(
                400,
                "invalid_grant",
                "The provided value for the input parameter 'refresh_token' is not valid.",
                number: 70_000
            ),
            .refreshTokenExpired: Refusal(
                400,
                "invalid_grant",
                "The refresh token has expired due to inactivity.",
                number: 700_082
            ),
            .refreshTokenRevoked: Refusal(
                400,
                "invalid_grant",
                "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
                number: 50_173,
                suberror: "bad_token"
            ),
            .codeUnknown: Refusal(
                400,
                "invalid_grant",
                "The provided value for the input parameter 'code' is not valid.",
                number: 70_000
            ),
            .codeExpired: Refusal(400, "invalid_grant", "The authorization code has expired.", number: 70_008),
            .codeSpent: Refusal(400, "invalid_grant", "The authorization code was already redeemed.", number: 54_005),
            .redirectDiffers: Refusal(
                400,
                "invalid_client",
                "The reply address does not match the one provided when requesting the authorization code.",
                number: 500_112
            ),
            .verifierDiffers: Refusal(
                400,
                "invalid_grant",
                "The Code_Verifier does not match the code_challenge of the authorization request.",
                number: 501_481
            ),
        ]
    )
}
