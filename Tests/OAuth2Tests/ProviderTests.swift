import OAuth2
import Testing

@Suite("A provider") struct ProviderTests {
    typealias Settings = [ServerSetting: String]

    @Test(
        "has its endpoints where its documentation says",
        arguments: [
            (
                .cognito, [.domain: "acme", .region: "eu-west-1"],
                "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token"
            ),
            (
                .cognito, [.domain: "acme", .userPool: "us-east-2_Ab1"],
                "https://acme.auth.us-east-2.amazoncognito.com/oauth2/token"
            ),
            (.cognito, [.domain: "auth.example.com"], "https://auth.example.com/oauth2/token"),
            (
                .entra, [.tenant: "contoso.example"],
                "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token"
            ),
            (
                .entra, [.tenant: "0000-1111", .domain: "login.microsoftonline.us"],
                "https://login.microsoftonline.us/0000-1111/oauth2/v2.0/token"
            ),
            (.google, [:], "https://oauth2.googleapis.com/token"),
            (.okta, [.domain: "acme"], "https://acme.okta.com/oauth2/default/v1/token"),
            (.okta, [.domain: "id.acme.example", .realm: "aus1"], "https://id.acme.example/oauth2/aus1/v1/token"),
            (.auth0, [.domain: "acme"], "https://acme.auth0.com/oauth/token"),
            (.auth0, [.domain: "acme.eu.auth0.com"], "https://acme.eu.auth0.com/oauth/token"),
            (
                .keycloak, [.domain: "sso.example:8443", .realm: "acme"],
                "https://sso.example:8443/realms/acme/protocol/openid-connect/token"
            ),
            (.github, [:], "https://github.com/login/oauth/access_token"),
            (.github, [.domain: "git.acme.example"], "https://git.acme.example/login/oauth/access_token"),
            (.slack, [:], "https://slack.com/api/oauth.v2.access"),
            (.salesforce, [.domain: "acme"], "https://acme.my.salesforce.com/services/oauth2/token"),
        ] as [(Provider, Settings, String)]
    )
    func tokenEndpoint(provider: Provider, settings: Settings, url: String) throws {
        #expect(try provider.profile.endpoint(.token, settings)?.text == url)
    }

    /// What an operator names for one authorization server of each provider.
    private static let complete: [Provider: Settings] = [
        .cognito: [.domain: "acme", .userPool: "eu-west-1_Ab1"], .entra: [.tenant: "acme"], .okta: [.domain: "acme"],
        .auth0: [.domain: "acme"], .keycloak: [.domain: "sso.example", .realm: "acme"], .salesforce: [.domain: "acme"],
    ]

    @Test("has an https URL for every endpoint it knows", arguments: Provider.allCases)
    func everyEndpoint(provider: Provider) throws {
        for kind in EndpointKind.allCases {
            let url = try provider.profile.endpoint(kind, Self.complete[provider] ?? [:])
            #expect((url != nil) == (provider.profile.endpoints[kind] != nil))
            if let url { #expect(url.scheme == .https && !url.text.contains("{")) }
        }
        #expect((provider.profile.endpoints[.token] == nil) == (provider == .generic))
    }

    @Test("says which settings it misses")
    func missing() {
        #expect(throws: ServerSettingError.missing([.region])) {
            _ = try Provider.cognito.profile.endpoint(.token, [.domain: "acme"])
        }
        #expect(throws: ServerSettingError.missing([.domain, .realm])) {
            _ = try Provider.keycloak.profile.endpoint(.token, [:])
        }
    }

    @Test("has its issuer where discovery finds it")
    func issuer() throws {
        let cognito = try Provider.cognito.profile.endpoint(.issuer, [.userPool: "eu-west-1_Ab1"])
        #expect(cognito?.text == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1")
        let auth0 = try Provider.auth0.profile.endpoint(.issuer, [.domain: "acme"])
        #expect(auth0?.text == "https://acme.auth0.com/")
    }

    @Test(
        "is known by its host, and no other by a name that looks like it",
        arguments: [
            ("https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token", .cognito),
            ("https://login.microsoftonline.com/x/oauth2/v2.0/token", .entra),
            ("https://oauth2.googleapis.com/token", .google), ("https://acme.okta.com/oauth2/v1/token", .okta),
            ("https://github.com/login/oauth/access_token", .github), ("https://slack.com/api/x", .slack),
            ("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1", .cognito),
            ("https://cognito-idp.eu-west-1.amazonaws.com.example/x", nil), ("https://s3.amazonaws.com/x", nil),
            ("https://notgithub.com/login", nil), ("https://github.com.example/login", nil),
            ("https://sso.example/realms/a", nil),
        ] as [(String, Provider?)]
    )
    func recognition(url: String, provider: Provider?) throws {
        #expect(Provider(recognizing: try EndpointURL(url)) == provider)
    }

    @Test(
        "takes as a setting what can stand in a URL, and nothing that would change it",
        arguments: [
            (.domain, "acme.example:8443", true), (.domain, "https://acme", false), (.domain, "acme/x", false),
            (.domain, "", false), (.realm, "acme", true), (.realm, "a:b", false), (.realm, "a/../b", false),
            (.realm, "..", false), (.tenant, "00000000-1111", true), (.tenant, "a?b", false),
            (.region, "eu west", false),
            (.userPool, "eu-west-1_AbC123", true), (.domain, "user@acme", false),
        ] as [(ServerSetting, String, Bool)]
    )
    func settings(setting: ServerSetting, value: String, isAccepted: Bool) {
        #expect(setting.accepts(value) == isAccepted)
    }

    @Test("writes its codes in lower case, as they are looked up", arguments: Provider.allCases)
    func codes(provider: Provider) {
        #expect(provider.profile.codes.keys.allSatisfy { $0 == $0.lowercased() })
    }
}
