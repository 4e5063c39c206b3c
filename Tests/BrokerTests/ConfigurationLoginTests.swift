import Broker
import OAuth2
import Testing

@Suite struct ConfigurationLoginTests {
    /// A client whose grant a login brings, from line 1; `lines` begin at line 6.
    private func client(_ grant: String, _ lines: String) -> String {
        """
        [clients.mail]
        client_id = "one"
        client_secret = { credential = "mail" }
        grant = "\(grant)"
        token_endpoint = "https://as.example/token"
        \(lines)
        """
    }

    private static let authorization = #"authorization_endpoint = "https://as.example/authorize""#

    private func preset(_ grant: String, _ lines: String) -> String {
        client(grant, lines).replacing("token_endpoint = \"https://as.example/token\"\n", with: "")
    }

    private func read(_ text: String) throws -> ClientConfiguration {
        try #require(try load(text).clients.values.first)
    }

    @Test func `a login in a browser comes back to any port of this machine, unless it is written`() throws {
        let mail = try read(
            client(
                """
                \(Self.authorization)
                rotation = "never"
                refresh_token_lifetime = "30d"
                refresh_token_idle = "7d"
                """
            )
        )
        #expect(mail.grant == .authorizationCode && mail.redirectURI == "http://127.0.0.1:0/callback")
        #expect(mail.endpoints[.authorization] == (try EndpointURL("https://as.example/authorize")))
        #expect(mail.rotation == .never && mail.refreshTokenIdle == .seconds(7 * 86_400))
        #expect(mail.firstRefreshToken.isEmpty)
        for uri in ["http://[::1]:9000/x", "https://app.example/cb", "com.example.app:/cb"] {
            let written = try read(client("\(Self.authorization)\nredirect_uri = \"\(uri)\""))
            #expect(written.redirectURI == uri)
        }
    }

    private func client(_ lines: String) -> String { client("authorization_code", lines) }

    @Test func `a login on another device needs no redirect`() throws {
        let mail = try read(client("device_code", "device_authorization_endpoint = \"https://as.example/device\""))
        #expect(mail.grant == .deviceCode && mail.redirectURI == nil)
        #expect(try load(preset("device_code", "issuer = \"https://as.example\"")).warnings.isEmpty)
        #expect(try read(preset("device_code", "provider = \"github\"")).endpoints[.deviceAuthorization] != nil)
    }

    @Test(arguments: [
        (
            authorization + "\nredirect_uri = \"http://app.example/cb\"",
            "7: clients.mail.redirect_uri: over http the code could be read on the way to another machine (RFC 8252 §8.3); write 127.0.0.1, [::1] or localhost, or https://…"
        ),
        (
            authorization + "\nredirect_uri = \"callback\"",
            "7: clients.mail.redirect_uri: \"callback\" is no absolute URI; write it with its scheme, like \"http://127.0.0.1:0/callback\""
        ),
        (
            authorization + "\nrefresh_token = { file = \"first\" }",
            "7: clients.mail.refresh_token: grant = \"authorization_code\" has no use for it, as its refresh tokens come from logins; remove it and run tokenctl login, or write grant = \"refresh_token\""
        ),
        (
            "",
            "1: clients.mail.authorization_endpoint: missing, and grant = \"authorization_code\" begins there; add authorization_endpoint, or issuer in place of token_endpoint for discovery"
        ),
    ])
    func `a mistake is named with its place and remedy`(lines: String, error: String) throws {
        #expect(try errors(in: client(lines)) == ["main.toml:\(error)"])
    }

    @Test func `a device needs to know where to begin, and takes no redirect`() throws {
        #expect(
            try errors(in: client("device_code", "redirect_uri = \"http://127.0.0.1:0/\"")) == [
                "main.toml:1: clients.mail.device_authorization_endpoint: missing, and grant = \"device_code\" begins there; add device_authorization_endpoint, or issuer in place of token_endpoint for discovery",
                "main.toml:6: clients.mail.redirect_uri: grant = \"device_code\" has no use for it; write grant = \"authorization_code\", or remove it",
            ]
        )
    }

    @Test(arguments: [
        "provider = \"cognito\"\ndomain = \"a\"\nregion = \"eu-west-1\"", "provider = \"slack\"",
        "provider = \"auth0\"\ndomain = \"a\"", "provider = \"okta\"\ndomain = \"a\"",
        "provider = \"salesforce\"\ndomain = \"a\"",
    ])
    func `a provider that compares byte for byte needs a port`(lines: String) throws {
        let text = preset("authorization_code", lines)
        #expect(try errors(in: text).map { $0.contains("compares redirect URIs byte for byte") } == [true])
        #expect(try errors(in: text + "\nredirect_uri = \"http://127.0.0.1:0/\"").count == 1)
        let fixed = try load(text + "\nredirect_uri = \"http://localhost:9000/callback\"")
        #expect(fixed.warnings.map(\.description).filter { $0.contains("redirect_uri") }.isEmpty)
    }

    @Test(arguments: [
        ("provider = \"google\"", "http://127.0.0.1:0/callback"),
        ("provider = \"github\"", "http://127.0.0.1:0/callback"),
        ("provider = \"entra\"\ntenant = \"a\"", "http://localhost:0/callback"),
        ("provider = \"keycloak\"\ndomain = \"a.example\"\nrealm = \"b\"", "http://127.0.0.1:0/callback"),
    ])
    func `others take any port`(lines: String, uri: String) throws {
        let configuration = try load(preset("authorization_code", lines))
        #expect(configuration.clients.values.first?.redirectURI == uri)
        #expect(configuration.warnings.map(\.description).filter { $0.contains("redirect_uri") }.isEmpty)
    }

    @Test func `localhost is warned about where a literal would do`() throws {
        let files = try ConfigurationFiles()
        try files.write(client("\(Self.authorization)\nredirect_uri = \"http://localhost:0/\""))
        #expect(
            try files.warnings() == [
                "main.toml:7: clients.mail.redirect_uri: a resolver may send localhost elsewhere (RFC 8252 §8.3); write 127.0.0.1, and register it so"
            ]
        )
        try files.write(
            client("device_code", "\(Self.authorization)\ndevice_authorization_endpoint = \"https://a.example/d\"")
        )
        #expect(
            try files.warnings() == [
                "main.toml:6: clients.mail.authorization_endpoint: not used, since grant = \"device_code\" asks nobody there; write grant = \"authorization_code\", or remove it"
            ]
        )
    }
}
