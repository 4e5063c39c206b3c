extension ProviderProfile {
    /// Microsoft Entra ID, formerly Azure Active Directory.
    static let entra = ProviderProfile(
        endpoints: [
            .token: "https://{domain}/{tenant}/oauth2/v2.0/token",
            .authorization: "https://{domain}/{tenant}/oauth2/v2.0/authorize",
            .deviceAuthorization: "https://{domain}/{tenant}/oauth2/v2.0/devicecode",
            .issuer: "https://{domain}/{tenant}/v2.0",
            .jwks: "https://{domain}/{tenant}/discovery/v2.0/keys",
        ],
        // National clouds have other hosts.
        defaultSettings: [.domain: "login.microsoftonline.com"],
        hosts: ["login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"],
        clientAuthentication: .clientSecretPost,
        // Each use gives another 90 days; those of single-page applications end after 24 hours.
        refreshTokenIdle: .seconds(90 * 86_400),
        redirectMatching: .anyLocalhostPort,
        codes: Dictionary(
            uniqueKeysWithValues: entraConfiguration.map { ($0, .configuration) }
                + entraLogin.map { ($0, .loginRequired) } + entraTransient.map { ($0, .transient) }
                // It has seen the same request too often: more of it prolongs the block.
                + [("50196", .halted)]
        ),
        requestIDHeader: "x-ms-request-id"
    )

    /// Elements of `error_codes` for what an administrator changes: the secret, the registration, the scope, the clock.
    private static let entraConfiguration = [
        "7000215", "7000222", "7000218", "700025", "700016", "7000112", "70011", "500011", "90002", "700027", "50012",
        "50013", "500133", "90094", "900144",
    ]

    /// The person is wanted: a consent, a second factor, a policy, a grant that is over.
    private static let entraLogin = [
        "65001", "50076", "50078", "50079", "53003", "70043", "50173", "700082", "70008", "700084",
    ]

    private static let entraTransient = [
        "90055", "50033", "90006", "90012", "90024", "90033", "50087", "80005",
    ]
}
