import Broker
import OAuth2
import Testing
import TokenLifecycle

@Suite struct ConfigurationProviderTests {
    /// A client of a provider, from line 1; `lines` begin at line 4.
    private func client(_ lines: String) -> String {
        """
        [clients.billing]
        client_id = "one"
        client_secret = { credential = "billing" }
        \(lines)
        """
    }

    private func read(_ lines: String) throws -> ClientConfiguration {
        try #require(try load(client(lines)).clients.values.first)
    }

    @Test(arguments: [
        (
            "provider = \"cognito\"\ndomain = \"acme\"\nregion = \"eu-west-1\"",
            "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token"
        ),
        ("provider = \"entra\"\ntenant = \"acme\"", "https://login.microsoftonline.com/acme/oauth2/v2.0/token"),
        ("provider = \"google\"", "https://oauth2.googleapis.com/token"),
        ("provider = \"okta\"\ndomain = \"acme\"", "https://acme.okta.com/oauth2/default/v1/token"),
        (
            "provider = \"keycloak\"\ndomain = \"sso.example\"\nrealm = \"acme\"",
            "https://sso.example/realms/acme/protocol/openid-connect/token"
        ),
    ])
    func `a provider's endpoint is known`(lines: String, url: String) throws {
        #expect(try read(lines).endpoint == .tokenEndpoint(try EndpointURL(url)))
    }

    @Test func `a user pool alone is discovered`() throws {
        let issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1"
        #expect(
            try read("provider = \"cognito\"\nuser_pool = \"eu-west-1_Ab1\"").endpoint
                == .issuer(try EndpointURL(issuer))
        )
    }

    @Test func `what is written comes before what is known`() throws {
        let named = try read(
            """
            provider = "entra"
            token_endpoint = "https://as.example/token"
            client_authentication = "client_secret_basic"
            basic_encoding = "raw"
            default_lifetime = "5m"
            refresh_at = 0.5
            """
        )
        #expect(named.endpoint == .tokenEndpoint(try EndpointURL("https://as.example/token")))
        #expect(named.authentication == .clientSecretBasic && named.basicEncoding == .raw)
        #expect(named.policy.defaultLifetime == .duration(.seconds(300)) && named.policy.refreshAt == 0.5)
    }

    @Test(
        arguments: [
            ("cognito", "domain = \"a.example\"", .clientSecretBasic, .raw, .duration(.seconds(3_600)), 0.75),
            ("entra", "tenant = \"a\"", .clientSecretPost, .form, .duration(.seconds(3_600)), 0.75),
            ("github", "", .clientSecretPost, .form, .never, 0.95),
            ("slack", "", .clientSecretBasic, .form, .never, 0.75),
            ("salesforce", "domain = \"a\"", .clientSecretPost, .form, .duration(.seconds(3_600)), 0.75),
        ] as [(String, String, AuthenticationMethod, BasicEncoding, DefaultLifetime, Double)]
    )
    func `a provider's ways are the defaults`(
        provider: String,
        lines: String,
        authentication: AuthenticationMethod,
        encoding: BasicEncoding,
        lifetime: DefaultLifetime,
        refreshAt: Double
    ) throws {
        let client = try read("provider = \"\(provider)\"\n\(lines)")
        #expect(client.authentication == authentication && client.basicEncoding == encoding)
        #expect(client.policy.defaultLifetime == lifetime && client.policy.refreshAt == refreshAt)
    }

    @Test(arguments: [
        (
            "provider = \"cognito\"\ndomain = \"acme\"",
            "main.toml:1: clients.billing.region: missing, to know the endpoints of provider = \"cognito\"; add region, or token_endpoint"
        ),
        (
            "provider = \"keycloak\"",
            "main.toml:1: clients.billing.domain: missing, to know the endpoints of provider = \"keycloak\"; add domain, realm, or token_endpoint"
        ),
        (
            "provider = \"google\"\nrealm = \"a\"",
            "main.toml:5: clients.billing.realm: provider = \"google\" has no use for it; name token_endpoint or issuer"
        ),
        (
            "provider = \"okta\"\ndomain = \"a\"\nregion = \"b\"",
            "main.toml:6: clients.billing.region: provider = \"okta\" has no use for it; it takes domain, realm"
        ),
        (
            "provider = \"auth0\"\ndomain = \"https://acme.auth0.com/\"",
            "main.toml:5: clients.billing.domain: \"https://acme.auth0.com/\" cannot stand in an endpoint's URL; write the host alone, without https:// and path"
        ),
        (
            "provider = \"auth0\"\ndomain = \"acme.example:99999\"",
            "main.toml:5: clients.billing.domain: makes no endpoint of provider = \"auth0\": the URL has the port 99999, which is no number from 1 to 65535"
        ),
        (
            "provider = \"cognit\"\ndomain = \"acme\"",
            "main.toml:4: clients.billing.provider: \"cognit\" is none of generic, cognito, entra, google, okta, auth0, keycloak, github, slack, salesforce; did you mean \"cognito\"?"
        ),
    ])
    func `a mistake is one error with its remedy`(lines: String, error: String) throws {
        #expect(try errors(in: client(lines)) == [error])
    }

    @Test func `what an endpoint makes useless is a warning`() throws {
        let files = try ConfigurationFiles()
        try files.write(
            client("provider = \"okta\"\ndomain = \"acme\"\ntoken_endpoint = \"https://as.example/token\"")
        )
        #expect(
            try files.warnings().filter { $0.contains(".domain: ") } == [
                "main.toml:5: clients.billing.domain: not used, since token_endpoint is given; remove one of them"
            ]
        )
    }
}
