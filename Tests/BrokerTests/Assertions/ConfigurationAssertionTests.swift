import LinuxHost
import Logging
import OAuth2
import Testing

@testable import Broker

/// What is said of a client that signs.
@Suite struct ConfigurationAssertionTests {
    /// A client without a proof, from line 1; `lines` begin at line 4.
    private func client(_ lines: String...) -> String {
        """
        [clients.billing]
        client_id = "one"
        token_endpoint = "https://as.example/token"
        \(lines.joined(separator: "\n"))
        """
    }

    private static let key = #"private_key = { file = "/k" }"#

    private func read(_ text: String) throws -> ClientConfiguration {
        try #require(try load(text).clients.values.first)
    }

    @Test func `a client that signs with a private key needs no more than that`() throws {
        let billing = try read(client(#"client_authentication = "private_key_jwt""#, Self.key))
        #expect(billing.authentication == .privateKeyJWT && billing.signsWithKey && !billing.hasCertificate)
        #expect(billing.assertion.privateKey == [.file("/k")] && billing.secrets.isEmpty && billing.certificate.isEmpty)
        #expect(billing.assertion.algorithm == nil && billing.assertion.keyID == nil)
    }

    @Test func `every key of an assertion is read`() throws {
        let configuration = try load(
            client(
                #"grant = "jwt_bearer""#,
                #"client_authentication = "private_key_jwt""#,
                Self.key,
                #"certificate = { file = "/c" }"#,
                #"key_id = "kid""#,
                #"signing_algorithm = "PS256""#,
                #"assertion_audience = "https://as.example""#,
                #"assertion_issuer = "robot""#,
                #"assertion_subject = "ann""#
            )
        )
        let billing = try #require(configuration.clients.values.first)
        var expected = AssertionConfiguration()
        expected.privateKey = [.file("/k")]
        expected.keyID = "kid"
        expected.algorithm = .ps256
        expected.audience = "https://as.example"
        expected.issuer = "robot"
        expected.subject = "ann"
        #expect(billing.assertion == expected && billing.certificate == [.file("/c")])
        #expect(billing.grant == .jwtBearer && billing.authentication == .privateKeyJWT)
        #expect(configuration.warnings.isEmpty)
    }

    @Test func `a service account needs neither a client_id nor another proof`() throws {
        let text = """
            [clients.robot]
            provider = "google"
            grant = "jwt_bearer"
            private_key = { file = "/k" }
            scopes = ["https://www.googleapis.com/auth/cloud-platform"]
            """
        let configuration = try load(text)
        let robot = try #require(configuration.clients.values.first)
        #expect(robot.clientID == "" && robot.authentication == AuthenticationMethod.none)
        #expect(robot.grant == .jwtBearer && configuration.warnings.isEmpty)
        #expect(robot.endpoint.url.text == "https://oauth2.googleapis.com/token")
    }

    @Test(arguments: [
        ("client_secret_jwt", "client_secret = { file = \"s\" }"),
        ("tls_client_auth", "private_key = { file = \"k\" }\ncertificate = { file = \"c\" }"),
        ("self_signed_tls_client_auth", "private_key = { file = \"k\" }\ncertificate = { file = \"c\" }"),
    ])
    func `the other methods are taken with what they need`(method: String, lines: String) throws {
        let billing = try read(client("client_authentication = \"\(method)\"", lines))
        #expect(billing.authentication.rawValue == method)
        #expect(billing.hasCertificate == method.contains("tls"))
    }

    @Test(arguments: [
        (
            #"client_authentication = "private_key_jwt""#,
            #"1: clients.billing.private_key: missing, and client_authentication = "private_key_jwt" needs it; add private_key = { file = "PATH" }"#
        ),
        (
            #"grant = "jwt_bearer""#,
            #"1: clients.billing.private_key: missing, and grant = "jwt_bearer" needs it; add private_key = { file = "PATH" }"#
        ),
        (
            #"client_authentication = "client_secret_jwt""#,
            #"1: clients.billing.client_secret: missing; add client_secret = { credential = "NAME" }, or client_authentication = "none""#
        ),
        (
            "client_authentication = \"tls_client_auth\"\n\(key)",
            #"1: clients.billing.certificate: missing, and client_authentication = "tls_client_auth" needs it; add certificate = { file = "PATH" }"#
        ),
        (
            "client_authentication = \"none\"\n\(key)",
            #"5: clients.billing.private_key: client_authentication = "none" has no use for it; write client_authentication = "private_key_jwt", or remove it"#
        ),
        (
            "client_authentication = \"none\"\ncertificate = { file = \"c\" }",
            #"5: clients.billing.certificate: client_authentication = "none" has no use for it; write client_authentication = "tls_client_auth", or remove it"#
        ),
        (
            "client_authentication = \"none\"\nkey_id = \"k\"",
            #"5: clients.billing.key_id: client_authentication = "none" has no use for it; remove it"#
        ),
        (
            "client_authentication = \"none\"\nsigning_algorithm = \"RS256\"",
            #"5: clients.billing.signing_algorithm: client_authentication = "none" has no use for it; remove it"#
        ),
        (
            "client_authentication = \"private_key_jwt\"\n\(key)\nassertion_subject = \"ann\"",
            #"6: clients.billing.assertion_subject: client_authentication = "private_key_jwt" has no use for it; write grant = "jwt_bearer", or remove it"#
        ),
        (
            "client_authentication = \"private_key_jwt\"\n\(key)\nsigning_algorithm = \"HS256\"",
            #"6: clients.billing.signing_algorithm: client_authentication = "private_key_jwt" signs with a private key, and "HS256" does not; write "RS256" or "PS256" or "ES256" or "EdDSA", or remove it"#
        ),
        (
            "client_authentication = \"private_key_jwt\"\n\(key)\nsigning_algorithm = \"RS512\"",
            #"6: clients.billing.signing_algorithm: "RS512" is none of HS256, RS256, PS256, ES256, EdDSA"#
        ),
        (
            "grant = \"jwt_bearer\"\n\(key)\nclient_secret = { file = \"s\" }",
            #"6: clients.billing.client_secret: grant = "jwt_bearer" uses no secret of itself; remove it, or write client_authentication"#
        ),
        (
            "grant = \"jwt_bearer\"\n\(key)\nrotation = \"never\"",
            #"6: clients.billing.rotation: grant = "jwt_bearer" has no use for it; write grant = "refresh_token", or remove it"#
        ),
    ])
    func `what is missing, useless or contradictory is named`(lines: String, error: String) throws {
        #expect(try errors(in: client(lines)) == ["main.toml:\(error)"])
    }

    @Test func `a secret beside a private key is hardly meant`() throws {
        let files = try ConfigurationFiles()
        try files.write(
            client(#"client_authentication = "private_key_jwt""#, Self.key, #"client_secret = { file = "s" }"#)
        )
        #expect(
            try files.warnings() == [
                #"main.toml:6: clients.billing.client_secret: not used, since client_authentication = "private_key_jwt" uses no secret; remove it"#
            ]
        )
    }

    @Test func `a key is looked at by a check, not by the start`() throws {
        let files = try ConfigurationFiles()
        try files.write(client(#"client_authentication = "private_key_jwt""#, #"private_key = { file = "k" }"#))
        #expect(try files.load().clients.count == 1)
        func check() throws -> [String] {
            let daemon = Daemon(
                configurationFile: files.main,
                context: ProcessContext(uid: 0, environment: [:]),
                logger: Logger(label: "check") { _ in SwiftLogNoOpLogHandler() }
            )
            return try daemon.check(view: HostView())
        }
        func problem() -> String? {
            let failure = #expect(throws: StartFailure.self) { try check() }
            return failure?.description.replacing("\(files.directory)/", with: "")
        }
        #expect(problem() == "main.toml:1: clients.billing.private_key: k cannot be read: No such file or directory")
        try files.write("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----", to: "k")
        #expect(
            problem()
                == "main.toml:1: clients.billing.private_key: k is encrypted; write it without a passphrase with `openssl pkey -in OLD -out NEW`"
        )
        try files.write([0x30, 0, 1], to: "k")
        #expect(problem()?.contains("k is not in PEM; convert it with") == true)
        try files.write(TestKey.first.jwk, to: "k")
        #expect(try check().count == 1)
        try files.write(TestKey.first.jwk, to: "k", mode: 0o644)
        #expect(try check().first?.contains("private_key: ") == true)
    }
}
