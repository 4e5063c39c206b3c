import Broker
import Logging
import OAuth2
import Testing
import TokenEndpoint
import TokenLifecycle

@Suite struct ConfigurationTests {
    @Test func `a client needs four lines, and has defaults for the rest`() throws {
        let configuration = try load(client(""))
        let billing = try #require(configuration.clients[name("billing")])
        #expect(billing.clientID == "one")
        #expect(billing.secrets == [.credential("billing")])
        #expect(billing.endpoint == .tokenEndpoint(try EndpointURL("https://as.example/token")))
        #expect(billing.provider == .generic)
        #expect(billing.authentication == .clientSecretBasic)
        #expect(billing.basicEncoding == .form)
        #expect(billing.target == TokenTarget())
        #expect(billing.parameters.isEmpty)
        #expect(billing.policy == RefreshPolicy())
        #expect(billing.requestTimeout == .seconds(30))
        #expect(billing.caFile == nil)
        #expect(billing.proxy == nil)
        #expect(billing.allow == nil)
        #expect(configuration.warnings.isEmpty)
        #expect(configuration.budget(of: "https://as.example") == ServerBudget(requestsPerSecond: 20, concurrent: 8))
    }

    @Test func `every key that works is read`() throws {
        let files = try ConfigurationFiles()
        try files.write(
            """
            [daemon]
            state_directory = "/srv/state"
            token_socket = "/srv/run/token.sock"
            admin_socket = "admin.sock"
            admin_group = "wheel"
            state_key = [{ credential = "new" }, { file = "old.key" }]
            log_level = "debug"
            legacy_peer_check = true
            [servers."https://AS.example:443/"]
            requests_per_second = 2.5
            concurrent = 3
            [clients.billing]
            provider = "keycloak"
            issuer = "https://as.example/realm"
            client_id = "one"
            client_secret = [{ environment = "BILLING" }, { file = "/srv/secret" }, "inline"]
            client_authentication = "client_secret_basic"
            basic_encoding = "raw"
            grant = "client_credentials"
            scopes = ["b", "a"]
            audience = "api"
            resource = ["https://b.example", "urn:a"]
            parameters = { zone = "1", "aws_client_metadata" = "{}" }
            revoke_on_removal = false
            ca_file = "ca.pem"
            allow = [{ user = "ann", user_unit = "sync.service" }, { group = 100, scopes = ["c"], audiences = ["x"], resources = ["urn:r"] }, { user = "0", unit = "billing.service" }]
            default_lifetime = "2h"
            keep_warm = "always"
            refresh_at = 0.5
            request_timeout = "10s"
            """
        )
        let configuration = try files.load()
        #expect(configuration.daemon.stateDirectory == "/srv/state")
        #expect(configuration.daemon.tokenSocket == "/srv/run/token.sock")
        #expect(configuration.daemon.adminSocket == "\(files.directory)/admin.sock")
        #expect(configuration.daemon.adminGroup == .name("wheel"))
        #expect(configuration.daemon.stateKey == .given([.credential("new"), .file("\(files.directory)/old.key")]))
        #expect(configuration.daemon.logLevel == .debug)
        #expect(configuration.daemon.legacyPeerCheck)
        #expect(configuration.servers == ["https://as.example": ServerBudget(requestsPerSecond: 2.5, concurrent: 3)])
        var expected = ClientConfiguration(
            name: name("billing"),
            clientID: "one",
            endpoint: .issuer(try EndpointURL("https://as.example/realm")),
            authentication: .clientSecretBasic,
            secrets: [.environment("BILLING"), .file("/srv/secret"), .inline(Secret("inline"))]
        )
        expected.provider = .keycloak
        expected.basicEncoding = .raw
        expected.target = TokenTarget(
            scope: ScopeSet(["a", "b"]),
            audience: "api",
            resource: ["https://b.example", "urn:a"]
        )
        expected.parameters = [
            FormParameter(name: "aws_client_metadata", value: "{}"), FormParameter(name: "zone", value: "1"),
        ]
        expected.caFile = "\(files.directory)/ca.pem"
        expected.allow = [
            AllowRule(user: .name("ann"), userUnit: "sync.service"),
            AllowRule(group: .number(100), scopes: ScopeSet(["c"]), audiences: ["x"], resources: ["urn:r"]),
            AllowRule(user: .number(0), unit: "billing.service"),
        ]
        expected.policy.defaultLifetime = .duration(.seconds(7200))
        expected.policy.keepWarm = .always
        expected.policy.refreshAt = 0.5
        expected.requestTimeout = .seconds(10)
        #expect(configuration.clients[name("billing")] == expected)
        #expect(configuration.warnings.isEmpty)
    }

    @Test func `words and durations stand for a policy`() throws {
        func policy(_ line: String) throws -> RefreshPolicy {
            try #require(try load(client(line)).clients[name("billing")]).policy
        }
        #expect(try policy("default_lifetime = \"never\"").defaultLifetime == .never)
        #expect(try policy("keep_warm = \"never\"").keepWarm == .never)
        #expect(try policy("keep_warm = \"90s\"").keepWarm == .during(.seconds(90)))
    }

    @Test func `a public client needs no secret`() throws {
        let text = """
            [clients.public]
            client_id = "one"
            token_endpoint = "http://127.0.0.1:8080/token"
            client_authentication = "none"
            """
        let client = try #require(try load(text).clients[name("public")])
        #expect(client.authentication == .none)
        #expect(client.secrets.isEmpty)
    }

    @Test func `files in clients.d follow in the order of their names, and clients in that of writing`() throws {
        let files = try ConfigurationFiles()
        let table = "client_id = \"i\"\nclient_secret = { file = \"s\" }\ntoken_endpoint = \"https://as.example/t\"\n"
        try files.write("[clients.z]\n\(table)[clients.a]\n\(table)")
        try files.write("[clients.m]\n\(table)", to: "clients.d/20.toml")
        try files.write("[clients.k]\n\(table)", to: "clients.d/10.toml")
        try files.write("not read", to: "clients.d/30.toml.example")
        try files.write("not read", to: "clients.d/.hidden.toml")
        let configuration = try files.load()
        #expect(configuration.clientNames.map(\.value) == ["z", "a", "k", "m"])
        #expect(configuration.places[name("k")]?.description == "\(files.directory)/clients.d/10.toml:1")
        #expect(configuration.clients[name("k")]?.secrets == [.file("\(files.directory)/clients.d/s")])
    }

    @Test func `a client that only moved is the same`() throws {
        let before = try load(client(""))
        let after = try load("# A comment.\n\n" + client(""))
        #expect(before.clients == after.clients)
        #expect(before.places != after.places)
    }

    @Test func `a client's own proxy comes before the daemon's`() throws {
        let configuration = try load(
            "[daemon]\nproxy = \"http://one:1\"\nno_proxy = [\".internal\"]\n" + client("proxy = \"http://two:2\"")
        )
        #expect(configuration.daemon.proxy == (try ProxySetting("http://one:1", noProxy: [".internal"])))
        var billing = try #require(configuration.clients[name("billing")])
        #expect(configuration.proxy(of: billing) == (try ProxySetting("http://two:2")))
        billing.proxy = nil
        #expect(configuration.proxy(of: billing) == configuration.daemon.proxy)
    }
}

func name(_ text: String) -> ClientName {
    guard let name = ClientName(text) else { preconditionFailure("\(text) is no client's name") }
    return name
}
