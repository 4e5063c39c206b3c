import Broker
import Testing

@Suite struct ConfigurationWarningTests {
    private static let recycled =
        "never matches: it is given to one service after the other, or stands for nobody; name the service with unit"

    @Test(arguments: [
        ("allow = [{ user = 61184 }]", "allow[0].user: 61184 \(recycled)"),
        ("allow = [{ user = \"65519\" }]", "allow[0].user: 65519 \(recycled)"),
        ("allow = [{ group = 65534 }]", "allow[0].group: 65534 \(recycled)"),
        ("allow = []", "allow: an empty list allows nobody, not even root"),
        (
            "basic_encoding = \"raw\"\nclient_authentication = \"client_secret_post\"",
            "basic_encoding: only client_secret_basic uses it; remove it"
        ),
        (
            "revocation_endpoint = \"https://as.example/revoke\"",
            #"revocation_endpoint: not used, since grant = "client_credentials" has nothing to revoke; remove it"#
        ),
        (
            "revoke_on_removal = true",
            #"revoke_on_removal: not used, since grant = "client_credentials" has nothing to revoke; remove it"#
        ),
        ("issuer = \"https://as.example\"", "issuer: not used, since token_endpoint is given; remove one of them"),
    ])
    func `what is hardly meant is a warning, not an error`(lines: String, warning: String) throws {
        let files = try ConfigurationFiles()
        try files.write(client(lines))
        #expect(try files.warnings() == ["main.toml:5: clients.billing.\(warning)"])
    }

    @Test(arguments: [61183, 65520, 65533, 65535, 0, 1000])
    func `other numbers are no reason to warn`(number: Int) throws {
        let files = try ConfigurationFiles()
        try files.write(client("allow = [{ user = \(number), group = \(number) }]"))
        #expect(try files.warnings().isEmpty)
    }

    @Test func `a daemon without clients is a warning`() throws {
        let files = try ConfigurationFiles()
        try files.write("")
        #expect(try files.warnings() == ["main.toml:1: no clients; add [clients.NAME]"])
    }

    @Test func `no_proxy alone is a warning`() throws {
        let files = try ConfigurationFiles()
        try files.write("[daemon]\nno_proxy = [\"a\"]\n" + client(""))
        #expect(try files.warnings() == ["main.toml:2: daemon.no_proxy: not used without proxy; remove it"])
    }

    @Test(arguments: [
        (
            "provider = \"entra\"\ntenant = \"common\"\nscopes = [\"https://a/.default\"]",
            "main.toml:5: clients.directory.tenant: \"common\" stands for every tenant, and grant = \"client_credentials\" is of one; write the tenant's ID or domain"
        ),
        (
            "provider = \"google\"\n",
            "main.toml:1: clients.directory.grant: Google does not offer client_credentials; write grant = \"jwt_bearer\" for a service account, or \"authorization_code\" for a person"
        ),
        (
            "provider = \"cognito\"\ntoken_endpoint = \"https://auth.example/oauth/token\"",
            "main.toml:5: clients.directory.token_endpoint: the path /oauth/token is none of Amazon Cognito's, whose is /oauth2/token; write /oauth2/token, or what the provider's settings make of it"
        ),
        (
            "provider = \"cognito\"\ndomain = \"acme\"\nregion = \"eu-west-1\"\nuser_pool = \"us-east-1_Abc\"",
            "main.toml:5: clients.directory.domain: the domain and the user pool name more than one region: eu-west-1, us-east-1; write the one that the user pool's identifier begins with"
        ),
        (
            "token_endpoint = \"https://as.example/token\"\nscopes = [\"openid\"]",
            "main.toml:5: clients.directory.scopes: openid tell of a person, and behind grant = \"client_credentials\" is none; remove them, or log in with grant = \"authorization_code\""
        ),
    ])
    func `what can be told without asking is told, with its key and its remedy`(lines: String, warning: String) throws {
        let files = try ConfigurationFiles()
        let id = lines.contains("google") ? "1.apps.googleusercontent.com" : "11111111-2222-3333-4444-555555555555"
        try files.write(
            """
            [clients.directory]
            client_id = "\(lines.contains("cognito") ? "one" : id)"
            client_secret = { environment = "S" }
            \(lines)

            """
        )
        #expect(try files.warnings() == [warning])
    }

    @Test func `two sections of one registration are to have one redirect URI`() throws {
        let files = try ConfigurationFiles()
        let section = """
            client_id = "one"
            client_authentication = "none"
            grant = "authorization_code"
            token_endpoint = "https://as.example/token"
            authorization_endpoint = "https://as.example/authorize"
            """
        try files.write(
            """
            [clients.a]
            \(section)
            redirect_uri = "https://acme.example/cb"
            [clients.b]
            \(section)
            redirect_uri = "https://acme.example/cb/"

            """
        )
        let warnings = try files.warnings()
        #expect(warnings.count == 2)
        #expect(warnings.first?.hasPrefix("main.toml:1: clients.a.redirect_uri: https://acme.example/cb and ") == true)
        try files.write("[clients.a]\n\(section)\n[clients.b]\n\(section)\n")
        #expect(try files.warnings() == [])
    }
}
