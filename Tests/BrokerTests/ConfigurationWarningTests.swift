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
}
