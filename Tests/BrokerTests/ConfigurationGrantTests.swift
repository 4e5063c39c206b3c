import Broker
import OAuth2
import Testing

@Suite struct ConfigurationGrantTests {
    /// A client with a refresh token, from line 1; `lines` begin at line 7.
    private func client(_ lines: String) -> String {
        """
        [clients.billing]
        client_id = "one"
        client_secret = { credential = "billing" }
        token_endpoint = "https://as.example/token"
        grant = "refresh_token"
        refresh_token = { file = "first" }
        \(lines)
        """
    }

    private func read(_ text: String) throws -> ClientConfiguration {
        try #require(try load(text).clients.values.first)
    }

    @Test func `without a grant nothing is held that could be lost`() throws {
        let plain = try read(
            client("").replacing("grant = \"refresh_token\"\nrefresh_token = { file = \"first\" }", with: "")
        )
        #expect(plain.grant == .clientCredentials)
        #expect(plain.firstRefreshToken.isEmpty && plain.rotation == .auto && plain.endpoints[.revocation] == nil)
        #expect(plain.refreshTokenLifetime == nil && plain.refreshTokenIdle == nil)
    }

    @Test func `every key of a refresh token is read`() throws {
        let files = try ConfigurationFiles()
        try files.write(
            client(
                """
                rotation = "always"
                refresh_token_lifetime = "30d"
                refresh_token_idle = "7d"
                revocation_endpoint = "https://as.example/revoke"
                client_authentication = "client_secret_post"
                """
            )
        )
        let configuration = try files.load()
        let billing = try #require(configuration.clients.values.first)
        #expect(billing.grant == .refreshToken && billing.authentication == .clientSecretPost)
        #expect(billing.firstRefreshToken == [.file("\(files.directory)/first")])
        #expect(billing.rotation == .always)
        #expect(billing.refreshTokenLifetime == .seconds(30 * 86_400))
        #expect(billing.refreshTokenIdle == .seconds(7 * 86_400))
        #expect(billing.endpoints[.revocation] == (try EndpointURL("https://as.example/revoke")))
        #expect(configuration.warnings.isEmpty)
    }

    @Test func `a generic server's grant has no end that is known, and counts as rotating`() throws {
        let billing = try read(client(""))
        #expect(billing.grant == .refreshToken && billing.rotation == .auto)
        #expect(billing.refreshTokenLifetime == nil && billing.refreshTokenIdle == nil)
        #expect(billing.endpoints[.revocation] == nil)
    }

    @Test func `a first refresh token may be in one of several places`() throws {
        let places = #"[{ credential = "c" }, { environment = "R" }, "inline"]"#
        let billing = try read(client("").replacing(#"{ file = "first" }"#, with: places))
        #expect(billing.firstRefreshToken == [.credential("c"), .environment("R"), .inline(Secret("inline"))])
    }

    @Test func `an inline first refresh token needs a file that others cannot read`() throws {
        let files = try ConfigurationFiles()
        let text = client("").replacing(#"{ file = "first" }"#, with: "\"hunter2hunter2\"")
        try files.write(text, mode: 0o600)
        #expect(files.errors().isEmpty)
        try files.write(text, mode: 0o640)
        let errors = files.errors()
        #expect(errors.count == 1)
        #expect(
            errors.first?.hasPrefix(
                "main.toml:6: clients.billing.refresh_token: a secret in a file that others can read"
            )
                == true
        )
        #expect(errors.first?.contains("hunter2") == false)
    }

    @Test func `a public client may have a grant`() throws {
        let text = client("client_authentication = \"none\"").replacing(
            "client_secret = { credential = \"billing\" }",
            with: ""
        )
        let billing = try read(text)
        #expect(billing.authentication == .none && billing.secrets.isEmpty && billing.grant == .refreshToken)
    }

    @Test func `without a first refresh token only what was taken over before is served`() throws {
        let files = try ConfigurationFiles()
        try files.write(client("").replacing("refresh_token = { file = \"first\" }", with: ""))
        #expect(
            try files.warnings() == [
                "main.toml:1: clients.billing.refresh_token: missing, so that only a grant that was taken over before is served; add refresh_token = { file = \"PATH\" }"
            ]
        )
    }

    @Test func `a grant that is to be revoked needs to be revocable`() throws {
        let files = try ConfigurationFiles()
        try files.write(client("revoke_on_removal = true"))
        #expect(
            try files.warnings() == [
                "main.toml:7: clients.billing.revoke_on_removal: nothing is known to revoke the grant at, so that it will be deleted and be good until it ends; add revocation_endpoint, or issuer in place of token_endpoint"
            ]
        )
        for place in ["revocation_endpoint = \"https://as.example/r\"", "provider = \"google\""] {
            let billing = try read(client("revoke_on_removal = true\n\(place)"))
            #expect(billing.revokeOnRemoval)
        }
        #expect(try read(client("revoke_on_removal = false")).revokeOnRemoval == false)
    }

    @Test(arguments: [
        ("rotation = \"sometimes\"", #"rotation: "sometimes" is none of auto, always, never"#),
        (
            "refresh_token_lifetime = \"1s\"",
            #"refresh_token_lifetime: "1s" is out of bounds; write "2s" to "3650d", or "never""#
        ),
        (
            "refresh_token_idle = \"3651d\"",
            #"refresh_token_idle: "3651d" is out of bounds; write "2s" to "3650d", or "never""#
        ),
        (
            "refresh_token_idle = \"six months\"",
            #"refresh_token_idle: "six months" is no duration; write it like "90s", "5m" or "24h""#
        ),
        ("refresh_token_idle = 30", "refresh_token_idle: wrong type: expected a string, found an integer"),
        ("revocation_endpoint = \"as.example\"", "revocation_endpoint: the URL does not begin with https://"),
        ("rotations = \"always\"", #"rotations: unknown key; did you mean "rotation"?"#),
        (
            "redirect_uri = \"http://127.0.0.1:0/\"",
            #"redirect_uri: grant = "refresh_token" has no use for it; write grant = "authorization_code", or remove it"#
        ),
    ])
    func `a mistake is named with its place and remedy`(line: String, error: String) throws {
        #expect(try errors(in: client(line)) == ["main.toml:7: clients.billing.\(error)"])
    }

    @Test func `a grant that is wrong is one mistake, not one for each of its keys`() throws {
        let lines = "rotation = \"auto\"\nrefresh_token_idle = \"1d\"\nrevocation_endpoint = \"https://as.example/r\""
        let text = client(lines).replacing("\"refresh_token\"", with: "\"refresh_tokens\"")
        #expect(
            try errors(in: text) == [
                #"main.toml:5: clients.billing.grant: "refresh_tokens" is none of client_credentials, refresh_token, authorization_code, device_code, jwt_bearer; did you mean "refresh_token"?"#
            ]
        )
    }

    // MARK: Providers

    private static let days: Int64 = 86_400

    @Test(
        arguments: [
            ("cognito", "domain = \"a\"\nregion = \"eu-west-1\"", 30, nil), ("okta", "domain = \"a\"", nil, 7),
            ("auth0", "domain = \"a\"", 30, 15), ("google", "", nil, 180), ("entra", "tenant = \"a\"", nil, 90),
            ("keycloak", "domain = \"a.example\"\nrealm = \"b\"", nil, nil), ("github", "", nil, nil),
            ("slack", "", nil, nil), ("salesforce", "domain = \"a\"", nil, nil),
        ] as [(String, String, Int64?, Int64?)]
    )
    func `a provider's lifetimes are the defaults, and what is written comes before them`(
        provider: String,
        settings: String,
        lifetime: Int64?,
        idle: Int64?
    ) throws {
        let known = client("provider = \"\(provider)\"\n\(settings)").replacing(
            "token_endpoint = \"https://as.example/token\"",
            with: ""
        )
        let preset = try read(known)
        #expect(preset.refreshTokenLifetime == lifetime.map { .seconds($0 * Self.days) })
        #expect(preset.refreshTokenIdle == idle.map { .seconds($0 * Self.days) })
        let written = try read(known + "\nrefresh_token_lifetime = \"9d\"\nrefresh_token_idle = \"8d\"")
        #expect(written.refreshTokenLifetime == .seconds(9 * Self.days))
        #expect(written.refreshTokenIdle == .seconds(8 * Self.days))
        let endless = try read(known + "\nrefresh_token_lifetime = \"never\"\nrefresh_token_idle = \"never\"")
        #expect(endless.refreshTokenLifetime == nil && endless.refreshTokenIdle == nil)
    }

    @Test func `where a provider takes tokens back is known, unless the endpoints may be another's`() throws {
        let google = client("provider = \"google\"")
        #expect(try read(google).endpoints[.revocation] == nil)
        let known = google.replacing("token_endpoint = \"https://as.example/token\"", with: "")
        #expect(try read(known).endpoints[.revocation] == (try EndpointURL("https://oauth2.googleapis.com/revoke")))
        let written = try read(known + "\nrevocation_endpoint = \"https://as.example/revoke\"")
        #expect(written.endpoints[.revocation] == (try EndpointURL("https://as.example/revoke")))
        let discovered = client("provider = \"cognito\"\nuser_pool = \"eu-west-1_Ab1\"").replacing(
            "token_endpoint = \"https://as.example/token\"",
            with: ""
        )
        #expect(try read(discovered).endpoints[.revocation] == nil)
    }

    @Test(arguments: [
        ("refresh_token_lifetime = \"7d\"\nrefresh_token_idle = \"7d\"", "8", "\"7d\""),
        ("provider = \"auth0\"\nrefresh_token_idle = \"40d\"", "8", "that of the provider"),
    ])
    func `an idle time that is never reached is a warning`(lines: String, line: String, bound: String) throws {
        let files = try ConfigurationFiles()
        try files.write(client(lines))
        #expect(
            try files.warnings().filter { $0.contains(".refresh_token_idle: ") } == [
                "main.toml:\(line): clients.billing.refresh_token_idle: never reached, since the grant ends with refresh_token_lifetime; write less than \(bound), or remove it"
            ]
        )
    }
}
