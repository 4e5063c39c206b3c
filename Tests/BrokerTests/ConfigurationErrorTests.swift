import Broker
import Testing

/// One mistake on line 5 of a client's table, and what is said of it.
private struct Mistake: Sendable, CustomTestStringConvertible {
    let line: String
    let error: String

    init(_ line: String, _ error: String) {
        self.line = line
        self.error = error
    }

    var testDescription: String { line }
}

@Suite struct ConfigurationErrorTests {
    private static let mistakes = [
        // Keys.
        Mistake("scopez = [\"a\"]", #"scopez: unknown key; did you mean "scopes"?"#),
        Mistake("Audience = \"a\"", #"Audience: unknown key; did you mean "audience"?"#),
        Mistake("timeout = \"5s\"", #"timeout: unknown key; did you mean "request_timeout"?"#),
        Mistake(
            "colour = 1",
            "colour: unknown key; the example tokenbroker.toml, in the package or its documentation, has every key"
        ),
        Mistake(
            "\"a b\\n\" = 1",
            #""a b\n": unknown key; the example tokenbroker.toml, in the package or its documentation, has every key"#
        ),
        // Types.
        Mistake("scopes = \"a\"", #"scopes: wrong type: expected a list of strings, found a string; write ["a"]"#),
        Mistake("scopes = [1]", "scopes[0]: wrong type: expected a string, found an integer"),
        Mistake("audience = 5", "audience: wrong type: expected a string, found an integer"),
        Mistake("audience = \"\"", "audience: is empty"),
        Mistake("refresh_at = \"0.5\"", "refresh_at: wrong type: expected a number, found a string"),
        Mistake("parameters = [1]", "parameters: wrong type: expected a table, found a list"),
        Mistake(
            "parameters = { a = 1.5 }",
            "parameters.a: wrong type: expected a string, found a number with a fraction"
        ),
        Mistake("revoke_on_removal = \"no\"", "revoke_on_removal: wrong type: expected true or false, found a string"),
        Mistake("request_timeout = 30", "request_timeout: wrong type: expected a string, found an integer"),
        // Durations and bounds.
        Mistake(
            "keep_warm = \"24 hours\"",
            #"keep_warm: "24 hours" is no duration; write it like "90s", "5m" or "24h""#
        ),
        Mistake("keep_warm = \"0s\"", #"keep_warm: "0s" is out of bounds; write "1s" to "3650d", "always" or "never""#),
        Mistake("request_timeout = \"0s\"", #"request_timeout: "0s" is out of bounds; write "1s" to "5m""#),
        Mistake("request_timeout = \"301s\"", #"request_timeout: "301s" is out of bounds; write "1s" to "5m""#),
        Mistake(
            "default_lifetime = \"2s\"",
            #"default_lifetime: "2s" is out of bounds; write "3s" to "3650d", or "never""#
        ),
        Mistake("refresh_at = 0.05", "refresh_at: 0.05 is out of bounds; write a part from 0.1 to 0.95"),
        Mistake("refresh_at = 1", "refresh_at: 1.0 is out of bounds; write a part from 0.1 to 0.95"),
        Mistake("refresh_at = nan", "refresh_at: nan is out of bounds; write a part from 0.1 to 0.95"),
        // Scopes and targets.
        Mistake("scopes = []", "scopes: is empty; remove it to let the authorization server choose the scope"),
        Mistake(
            "scopes = [\"a b\"]",
            #"scopes[0]: "a b" is no scope: RFC 6749 allows printable ASCII without space, " and \; write "a", "b""#
        ),
        Mistake(
            "scopes = [\"ok\", \"ü\"]",
            #"scopes[1]: "ü" is no scope: RFC 6749 allows printable ASCII without space, " and \"#
        ),
        Mistake("resource = []", "resource: is empty; remove it"),
        Mistake("resource = [\"api\"]", #"resource[0]: "api" is no absolute URI; write it with its scheme, https://…"#),
        Mistake(
            "resource = [\"urn:a#b\"]",
            "resource[0]: a resource has no fragment (RFC 8707); remove what follows the #"
        ),
        Mistake(
            "parameters = { scope = \"a\" }",
            #"parameters.scope: a parameter of the protocol, which the daemon sets itself; write scopes = ["…"]"#
        ),
        Mistake(
            "parameters = { code = \"a\" }",
            "parameters.code: a parameter of the protocol, which the daemon sets itself; remove it"
        ),
        Mistake(
            "parameters = { refresh_token = \"a\" }",
            "parameters.refresh_token: a parameter of the protocol, which the daemon sets itself; write refresh_token in the client's own table"
        ),
        // Choices.
        Mistake(
            "client_authentication = \"basic\"",
            #"client_authentication: "basic" is none of client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, tls_client_auth, self_signed_tls_client_auth, none; did you mean "client_secret_basic"?"#
        ),
        Mistake("basic_encoding = \"base64\"", #"basic_encoding: "base64" is none of form, raw"#),
        Mistake(
            "provider = \"keyclok\"",
            #"provider: "keyclok" is none of generic, cognito, entra, google, okta, auth0, keycloak, github, slack, salesforce; did you mean "keycloak"?"#
        ),
        Mistake(
            "grant = \"password\"",
            #"grant: "password" is none of client_credentials, refresh_token, authorization_code, device_code, jwt_bearer"#
        ),
        Mistake(
            "redirect_uri = \"http://127.0.0.1:0/\"",
            #"redirect_uri: grant = "client_credentials" has no use for it; write grant = "authorization_code", or remove it"#
        ),
        Mistake("jwks_uri = \"as.example\"", "jwks_uri: the URL does not begin with https://"),
        Mistake("tenant = \"t\"", "tenant: provider = \"generic\" has no use for it; name token_endpoint or issuer"),
        // What another grant has.
        Mistake(
            "refresh_token = { file = \"r\" }",
            #"refresh_token: grant = "client_credentials" has no use for it; write grant = "refresh_token", or remove it"#
        ),
        Mistake(
            "rotation = \"auto\"",
            #"rotation: grant = "client_credentials" has no use for it; write grant = "refresh_token", or remove it"#
        ),
        Mistake(
            "refresh_token_lifetime = 1",
            #"refresh_token_lifetime: grant = "client_credentials" has no use for it; write grant = "refresh_token", or remove it"#
        ),
        Mistake(
            "refresh_token_idle = \"1h\"",
            #"refresh_token_idle: grant = "client_credentials" has no use for it; write grant = "refresh_token", or remove it"#
        ),
        Mistake("revocation_endpoint = \"as.example\"", "revocation_endpoint: the URL does not begin with https://"),
        // Proxies.
        Mistake("proxy = \"socks5://proxy\"", "proxy: the proxy is not of the form http://HOST:PORT"),
        Mistake(
            "proxy = \"http://me:hunter2@proxy:1\"",
            "proxy: the proxy holds a user name or password before an @, which is not supported"
        ),
        // Who may.
        Mistake(
            "allow = \"ann\"",
            #"allow: wrong type: expected a list of tables, found a string; write [ { user = "NAME" } ]"#
        ),
        Mistake("allow = [\"ann\"]", "allow[0]: wrong type: expected a table, found a string"),
        Mistake(
            "allow = [{ user = \"a\" }, {}]",
            "allow[1]: names nobody, and would allow everybody; add user, group, unit, user_unit"
        ),
        Mistake(
            "allow = [{ scopes = [\"a\"] }]",
            "allow[0]: names nobody, and would allow everybody; add user, group, unit, user_unit"
        ),
        Mistake("allow = [{ user = \"a\", gruop = \"b\" }]", #"allow[0].gruop: unknown key; did you mean "group"?"#),
        Mistake("allow = [{ user = -1 }]", "allow[0].user: -1 is no user or group number"),
        Mistake("allow = [{ user = 4294967295 }]", "allow[0].user: 4294967295 is no user or group number"),
        Mistake("allow = [{ user = true }]", "allow[0].user: wrong type: expected a name or a number, found a boolean"),
        Mistake("allow = [{ group = \"a:b\" }]", #"allow[0].group: "a:b" is no user or group name"#),
        Mistake("allow = [{ group = \"\" }]", "allow[0].group: is empty"),
        Mistake(
            "allow = [{ unit = \"billing\" }]",
            #"allow[0].unit: "billing" is no unit that a process runs in; did you mean "billing.service"?"#
        ),
        Mistake(
            "allow = [{ unit = \"system.slice\" }]",
            #"allow[0].unit: "system.slice" is no unit that a process runs in; write a service's or scope's whole name"#
        ),
        Mistake(
            "allow = [{ user_unit = \"sync.service\" }]",
            "allow[0]: user_unit without user, so that every user's unit of this name would do; add user"
        ),
    ]

    @Test(arguments: mistakes)
    private func `a mistake in a client is named with its place and remedy`(mistake: Mistake) throws {
        #expect(try errors(in: client(mistake.line)) == ["main.toml:5: clients.billing.\(mistake.error)"])
    }

    @Test(arguments: [
        ("[deamon]", #"main.toml:1: deamon: unknown key; did you mean "daemon"?"#),
        ("a = 1", "main.toml:1: a: unknown key; the keys here are daemon, servers, clients"),
        ("daemon = 1", "main.toml:1: daemon: wrong type: expected a table, found an integer"),
        ("[[clients]]", "main.toml:1: clients: wrong type: expected a table, found a list"),
        ("[clients]\nbilling = 1", "main.toml:2: clients.billing: wrong type: expected a table, found an integer"),
        (
            "[clients.\"-x\"]",
            #"main.toml:1: clients.-x: "-x" is no client's name; use up to 64 letters, digits, dots, hyphens and underscores, the first a letter or digit"#
        ),
        (
            "[daemon]\nlog_level = \"warn\"",
            #"main.toml:2: daemon.log_level: "warn" is none of trace, debug, info, notice, warning, error, critical"#
        ),
        (
            "[daemon]\nlegacy_peer_check = 1",
            "main.toml:2: daemon.legacy_peer_check: wrong type: expected true or false, found an integer"
        ),
        ("[daemon]\nstate_key = []", "main.toml:2: daemon.state_key: is empty"),
        (
            "[daemon]\ntoken_socket = \"/a\"\nadmin_socket = \"/a\"",
            "main.toml:3: daemon.admin_socket: the token socket and the admin socket have the same path"
        ),
        (
            "[servers.\"https://as.example/token\"]",
            #"main.toml:1: servers."https://as.example/token": an origin has no path and no query; write "https://as.example""#
        ),
        (
            "[servers.\"https://as.example\"]\nrequests_per_second = 0",
            #"main.toml:2: servers."https://as.example".requests_per_second: out of bounds; write 0.01 to 10000"#
        ),
        (
            "[servers.\"https://as.example\"]\nconcurrent = 1.5",
            #"main.toml:2: servers."https://as.example".concurrent: wrong type: expected an integer, found a number with a fraction"#
        ),
        (
            "[servers.\"https://as.example\"]\n[servers.\"https://as.example:443\"]",
            #"main.toml:2: servers."https://as.example:443": the same server is at main.toml:1; remove one of them"#
        ),
    ])
    func `a mistake elsewhere is named as well`(text: String, error: String) throws {
        #expect(try errors(in: text) == [error])
    }

    @Test(arguments: [
        ("", "is empty"),
        ("as.example/token", "the URL does not begin with https://"),
        (
            "http://as.example/token",
            "the URL would send credentials unencrypted to as.example; use https:// (http:// is for 127.0.0.1, [::1] and localhost)"
        ),
        ("https://me:hunter2@as.example/token", "the URL holds a user name or password before an @"),
        ("https://as.example/token#x", "the URL has a fragment (#), which an endpoint must not have (RFC 6749 §3.2)"),
    ])
    func `an endpoint is checked`(url: String, error: String) throws {
        let text = """
            [clients.billing]
            client_id = "one"
            client_secret = { file = "s" }
            token_endpoint = "\(url)"
            """
        #expect(try errors(in: text) == ["main.toml:4: clients.billing.token_endpoint: \(error)"])
    }

    @Test func `all errors are reported together, in the order of their lines`() throws {
        let text = """
            [clients.billing]
            client_idd = "one"
            refresh_at = 2

            [clients.other]
            client_id = "two"
            token_endpoint = "https://as.example/token"
            """
        #expect(
            try errors(in: text) == [
                "main.toml:1: clients.billing.token_endpoint: missing; add token_endpoint, or issuer for discovery, or provider with what it takes",
                #"main.toml:1: clients.billing.client_secret: missing; add client_secret = { credential = "NAME" }, or client_authentication = "none""#,
                #"main.toml:1: clients.billing.client_id: missing; add client_id, as the authorization server shows it"#,
                #"main.toml:2: clients.billing.client_idd: unknown key; did you mean "client_id"?"#,
                "main.toml:3: clients.billing.refresh_at: 2.0 is out of bounds; write a part from 0.1 to 0.95",
                #"main.toml:5: clients.other.client_secret: missing; add client_secret = { credential = "NAME" }, or client_authentication = "none""#,
            ]
        )
    }

    @Test(arguments: [
        ("[clients.a", "main.toml:1: not valid TOML: table header: encountered end-of-file"),
        ("[a]\n[a]", "main.toml:2: not valid TOML: table header: cannot redefine existing table 'a'"),
        (
            "\n\na = hunter2",
            "main.toml:3: not valid TOML: value: could not determine value type; write strings in quotes"
        ),
        (
            "a = 98765432109876543210",
            "main.toml:1: not valid TOML: decimal integer: it is not representable in 64 bits"
        ),
        (
            "[daemon]\n[[[clients]]]",
            "main.toml:2: not valid TOML: table header: expected a key; write it like [clients.NAME]"
        ),
        ("a = 1\nb = [1, }", "main.toml:2: not valid TOML: array: expected a value or ]"),
        ("a = 1\nb = 2020-01-01", "main.toml:2: a date or time, of which no key has a use; write strings in quotes"),
        ("a = [1, 10:00tx]", "main.toml:1: a date or time, of which no key has a use; write strings in quotes"),
        ("[=]", "main.toml:1: not valid TOML: table header: expected a key; write it like [clients.NAME]"),
        ("a = 1\nb = \"x\\u0000y\"", "main.toml:2: a string contains a NUL character; remove it"),
        ("a = 1\n\u{0}", "main.toml:2: a NUL byte; write the file as UTF-8 text"),
    ])
    func `what is no TOML is refused with its line, and no value is shown`(text: String, error: String) throws {
        #expect(try errors(in: text) == [error])
    }

    @Test func `what is no text is refused with its line`() throws {
        let files = try ConfigurationFiles()
        try files.write([0x0A, 0x23, 0xFF, 0x0A])
        #expect(files.errors() == ["main.toml:2: not UTF-8 text; write the file as UTF-8 text"])
    }

    @Test func `a file that is not there is named`() throws {
        let errors = try ConfigurationFiles().errors()
        #expect(errors.count == 1)
        #expect(errors.first?.hasPrefix("main.toml: cannot be read: ") == true)
    }

    @Test func `more clients than the limit are refused once`() throws {
        let table = "\nclient_id = \"i\"\ntoken_endpoint = \"https://as.example/t\"\nclient_authentication = \"none\"\n"
        let most = (1...Configuration.maximumClients).map { "[clients.c\($0)]\(table)" }.joined()
        #expect(try load(most).clients.count == Configuration.maximumClients)
        #expect(
            try errors(in: most + "[clients.x]\(table)[clients.y]\(table)") == [
                "main.toml:40001: clients.x: one client more than the 10000 that a daemon holds"
            ]
        )
    }
}
