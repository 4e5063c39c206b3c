import Broker
import OAuth2
import Testing

@Suite struct ConfigurationSecretTests {
    private static let forms = #"{ credential = "NAME" }, { file = "PATH" } or { environment = "NAME" }"#

    @Test(arguments: [
        ("5", "wrong type: expected a secret's source, found an integer; write \(forms)"),
        ("{}", "names no source; write \(forms)"),
        ("{ flie = \"s\" }", #".flie: unknown key; did you mean "file"?"#),
        ("{ file = 1 }", ".file: wrong type: expected a string, found an integer"),
        (
            "{ file = \"a\", environment = \"B\" }",
            "names more than one source; to try them in order, write a list of tables"
        ),
        ("{ credential = \"../x\" }", #".credential: "../x" is no credential's name; write a plain file name"#),
        ("{ environment = \"A=b\" }", #".environment: "A=b" is no environment variable's name"#),
        ("[]", "is empty"),
        ("\"\"", "is empty"),
        ("[{ file = \"a\" }, 1]", "[1]: wrong type: expected a secret's source, found an integer; write \(forms)"),
    ])
    func `a secret's source is checked`(source: String, error: String) throws {
        let text = """
            [clients.billing]
            client_id = "one"
            token_endpoint = "https://as.example/token"
            client_secret = \(source)
            """
        let separator = error.hasPrefix(".") || error.hasPrefix("[") ? "" : ": "
        #expect(try errors(in: text) == ["main.toml:4: clients.billing.client_secret\(separator)\(error)"])
    }

    @Test(arguments: [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o644, false)])
    func `an inline secret needs a file that others cannot read`(mode: Int, isAccepted: Bool) throws {
        let files = try ConfigurationFiles()
        try files.write(
            client("").replacing(#"{ credential = "billing" }"#, with: "\"hunter2\""),
            mode: mode
        )
        let expected =
            "main.toml:3: clients.billing.client_secret: a secret in a file that others can read; chmod 600 main.toml, or write \(Self.forms)"
        #expect(files.errors() == (isAccepted ? [] : [expected]))
    }

    @Test func `a public client has no secret`() throws {
        #expect(
            try errors(in: client("client_authentication = \"none\"")) == [
                #"main.toml:3: clients.billing.client_secret: client_authentication = "none" uses no secret; remove one of them"#
            ]
        )
    }

    @Test(arguments: [
        ("hunter2", "hunter2"), ("hunter2\n", "hunter2"), ("hunter2\r\n", "hunter2"), ("hunter2\n\n", "hunter2\n"),
        (" hunter2 \n", " hunter2 "), ("hunter2\r", "hunter2\r"),
    ])
    func `one newline at a file's end is no part of the secret`(content: String, secret: String) throws {
        let files = try ConfigurationFiles()
        try files.write(content, to: "secret")
        let resolved = try SecretSource.file("\(files.directory)/secret").resolve(environment: [:])
        #expect(resolved == ResolvedSecret(secret: Secret(secret)))
    }

    @Test func `a key keeps every byte`() throws {
        let files = try ConfigurationFiles()
        let key: [UInt8] = [0, 0xFF, 0x0D, 0x0A]
        try files.write(key, to: "key")
        let resolved = try SecretSource.file("\(files.directory)/key").resolve(.bytes, environment: [:])
        #expect(resolved.secret == Secret(bytes: key))
    }

    @Test func `a file that others can read is mentioned, but for systemd's credentials`() throws {
        let files = try ConfigurationFiles()
        try files.write("hunter2", to: "secret", mode: 0o644)
        let path = "\(files.directory)/secret"
        #expect(try SecretSource.file(path).resolve(environment: [:]).fileReadableByOthers == path)
        let resolved = try SecretSource.credential("secret").resolve(
            environment: ["CREDENTIALS_DIRECTORY": files.directory])
        #expect(resolved == ResolvedSecret(secret: Secret("hunter2")))
    }

    @Test func `an environment variable and an inline secret are taken as they are`() throws {
        let environment = ["SECRET": "hunter2\n"]
        #expect(try SecretSource.environment("SECRET").resolve(environment: environment).secret == Secret("hunter2\n"))
        #expect(try SecretSource.inline(Secret("hunter2")).resolve(environment: [:]).secret == Secret("hunter2"))
    }

    @Test func `what is no secret is refused by its source, and never shown`() throws {
        let files = try ConfigurationFiles()
        let path = "\(files.directory)/secret"
        func error(_ bytes: [UInt8]) throws -> SecretError? {
            try files.write(bytes, to: "secret")
            return #expect(throws: SecretError.self) { try SecretSource.file(path).resolve(environment: [:]) }
        }
        #expect(try error([]) == .empty(source: path))
        #expect(try error([0x0A]) == .empty(source: path))
        #expect(try error([0x61, 0, 0x62]) == .containsNUL(source: path))
        let longest = [UInt8](repeating: 0x61, count: SecretSource.maximumBytes)
        try files.write(longest + [0x0D, 0x0A], to: "secret")
        #expect(try SecretSource.file(path).resolve(environment: [:]).secret.count == SecretSource.maximumBytes)
        let tooLong = try #require(try error(longest + [0x61]))
        #expect(!tooLong.description.contains("aaa"))
        #expect(throws: SecretError.variableNotSet("SECRET")) {
            try SecretSource.environment("SECRET").resolve(environment: [:])
        }
        #expect(throws: SecretError.noCredentialsDirectory(credential: "c")) {
            try SecretSource.credential("c").resolve(environment: [:])
        }
    }

    @Test func `the first of a list that can be read is used`() throws {
        let sources: [SecretSource] = [.environment("NONE"), .environment("ONE"), .environment("TWO")]
        #expect(try sources.resolveFirst(environment: ["ONE": "1", "TWO": "2"]).secret == Secret("1"))
        let error = #expect(throws: SecretError.self) { try sources.resolveFirst(environment: [:]) }
        #expect(
            error?.description
                == "environment variable NONE is not set; environment variable ONE is not set; environment variable TWO is not set"
        )
        #expect(throws: SecretError.variableNotSet("NONE")) {
            try [SecretSource.environment("NONE")].resolveFirst(environment: [:])
        }
    }

    @Test func `a source prints without its secret`() {
        #expect("\(SecretSource.inline(Secret("hunter2")))" == "the secret in the configuration")
        #expect(!String(reflecting: SecretSource.inline(Secret("hunter2"))).contains("hunter2"))
    }
}
