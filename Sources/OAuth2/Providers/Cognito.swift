extension ProviderProfile {
    /// Amazon Cognito user pools.
    static let cognito = ProviderProfile(
        endpoints: [
            .token: "https://{domain}/oauth2/token",
            .authorization: "https://{domain}/oauth2/authorize",
            .revocation: "https://{domain}/oauth2/revoke",
            // Another host than the domain's.
            .issuer: "https://cognito-idp.{region}.amazonaws.com/{user_pool}",
            .jwks: "https://cognito-idp.{region}.amazonaws.com/{user_pool}/.well-known/jwks.json",
        ],
        domainSuffix: ".auth.{region}.amazoncognito.com",
        hosts: ["amazoncognito.com"],
        regionalHosts: [(prefix: "cognito-idp.", suffix: ".amazonaws.com")],
        // Its documentation encodes the identifier and the secret as they are.
        basicEncoding: .raw,
        // What an app client begins with; set from 60 minutes to 10 years.
        refreshTokenLifetime: .seconds(30 * 86_400),
        redirectMatching: .exact,
        codes: [
            "toomanyrequestsexception": .transient,
            "internalerrorexception": .transient,
            "resourcenotfoundexception": .configuration,
        ],
        requestIDHeader: "x-amz-cognito-request-id"
    )
}
