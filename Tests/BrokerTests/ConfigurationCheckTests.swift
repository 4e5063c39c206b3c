import LinuxHost
import Logging
import Testing

@testable import Broker

@Suite struct ConfigurationCheckTests {
    private static let text = """
        [clients.billing]
        client_id = "one"
        client_authentication = "none"
        token_endpoint = "https://as.example/token"
        grant = "refresh_token"
        refresh_token = [{ file = "first" }, { environment = "FIRST" }]
        """

    private func check(_ files: ConfigurationFiles, environment: [String: String] = [:], view: HostView = HostView())
        throws -> [String]
    {
        let daemon = Daemon(
            configurationFile: files.main,
            context: ProcessContext(uid: 0, environment: environment),
            logger: Logger(label: "check") { _ in SwiftLogNoOpLogHandler() }
        )
        return try daemon.check(view: view).map { $0.replacing("\(files.directory)/", with: "") }
    }

    @Test func `a first refresh token that is gone is a doubt, since it is needed once`() throws {
        let files = try ConfigurationFiles()
        try files.write(Self.text)
        #expect(
            try check(files) == [
                "warning: not read: main.toml:1: clients.billing.refresh_token: first cannot be read: No such file or directory; environment variable FIRST is not set; fine if it was taken over before",
                "main.toml is valid: 1 client",
            ]
        )
        #expect(try check(files, environment: ["FIRST": "r"]) == ["main.toml is valid: 1 client"])
    }

    @Test func `a first refresh token that others can read is mentioned`() throws {
        let files = try ConfigurationFiles()
        try files.write(Self.text)
        try files.write("r", to: "first", mode: 0o644)
        #expect(
            try check(files) == [
                "warning: main.toml:1: clients.billing.refresh_token: first can be read by others; chmod 600 unless they are meant to",
                "main.toml is valid: 1 client",
            ]
        )
    }

    @Test(arguments: [
        (
            "cognito", "one", "tail-space-of-a-secret ",
            "the secret begins or ends with white space; write it without, as Amazon Cognito shows it"
        ),
        (
            "entra", "11111111-2222-3333-4444-555555555555", "66666666-2222-3333-4444-555555555555",
            "the secret is a UUID, as the secret's ID is, and no value of a secret; use the column Value of Certificates & secrets, which is shown once, or make a new secret"
        ),
    ])
    func `what a secret shows by itself is told, and nothing of it`(
        provider: String,
        clientID: String,
        secret: String,
        warning: String
    ) throws {
        let files = try ConfigurationFiles()
        let path = provider == "entra" ? "contoso/oauth2/v2.0/token" : "oauth2/token"
        try files.write(
            """
            [clients.billing]
            provider = "\(provider)"
            client_id = "\(clientID)"
            client_secret = { file = "secret" }
            token_endpoint = "http://127.0.0.1:1/\(path)"
            scopes = ["a/.default"]
            """
        )
        try files.write(secret, to: "secret")
        let lines = try check(files)
        #expect(lines.contains("warning: main.toml:1: clients.billing.client_secret: \(warning)"))
        #expect(!lines.joined().contains(secret.prefix(20)))
    }

    @Test func `one that systemd keeps for the service is not to be seen by a check`() throws {
        let files = try ConfigurationFiles()
        try files.write(Self.text.replacing(#"{ environment = "FIRST" }"#, with: #"{ credential = "first" }"#))
        let lines = try check(files)
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("warning: not checked: main.toml:1: clients.billing.refresh_token: ") == true)
    }

    @Test func `the credential that seals when nothing is configured is read where it is passed`() throws {
        let files = try ConfigurationFiles()
        try files.write("")
        let right = try files.credentials([UInt8](repeating: 3, count: 32))
        #expect(try check(files, environment: right).last == "main.toml is valid: 0 clients")
        let wrong = try files.credentials([3])
        let failure = #expect(throws: StartFailure.self) { try check(files, environment: wrong) }
        #expect(failure?.description.contains("credential tokenbroker.state-key has 1 bytes") == true)
    }

    @Test func `rules that need what only a newer kernel tells are mentioned`() throws {
        let files = try ConfigurationFiles()
        let text = Self.text.replacing("file = \"first\"", with: "environment = \"FIRST\"")
        let (old, environment) = (HostView(namesPeerProcesses: false), ["FIRST": "r"])
        func warnings(_ more: String, daemon: String = "") throws -> [String] {
            try files.write("\(daemon)\(text)\n\(more)")
            return try check(files, environment: environment, view: old).dropLast()
        }
        let rule = #"allow = [{ unit = "a.service" }]"#
        #expect(
            try warnings(rule) == [
                "warning: main.toml: the unit rules of billing refuse everybody: this kernel does not say which process connected (SO_PEERPIDFD, Linux 6.5); run a newer kernel, or set daemon.legacy_peer_check = true to go by process numbers"
            ]
        )
        #expect(
            try warnings(rule, daemon: "[daemon]\nlegacy_peer_check = true\n") == [
                "warning: main.toml: the unit rules of billing go by process numbers, which can come to mean another process, since this kernel does not say which process connected (SO_PEERPIDFD, Linux 6.5); run a newer kernel"
            ]
        )
        #expect(try warnings(#"allow = [{ user = "root" }]"#).isEmpty)
        try files.write("\(text)\n\(rule)")
        // What the shell's own namespaces hide says nothing of the service's.
        let view = HostView(users: IDMap("0 0 1"), cgroupObstacle: .processesHidden)
        #expect(try check(files, environment: environment, view: view).count == 1)
    }

    @Test func `a secret that is gone is a mistake all the same`() throws {
        let files = try ConfigurationFiles()
        try files.write(
            Self.text.replacing("client_authentication = \"none\"", with: "client_secret = { file = \"secret\" }")
        )
        let error = #expect(throws: StartFailure.self) { try check(files) }
        #expect(error?.description.contains("clients.billing.client_secret: ") == true)
        #expect(error?.description.contains("refresh_token") == false)
    }

    @Test func `one of several secrets that is gone is mentioned before it is needed`() throws {
        let files = try ConfigurationFiles()
        try files.write("hunter2", to: "new")
        let secrets = "client_secret = [{ file = \"new\" }, { file = \"gone\" }, { credential = \"old\" }]"
        try files.write(
            Self.text.replacing("client_authentication = \"none\"", with: secrets)
                .replacing("refresh_token = [{ file = \"first\" }, { environment = \"FIRST\" }]", with: "")
                .replacing("grant = \"refresh_token\"", with: "")
        )
        let warnings = try check(files).filter { $0.contains("client_secret: ") }
        #expect(warnings.count == 2)
        #expect(warnings.first?.contains("gone cannot be read: No such file or directory") == true)
        #expect(warnings.last?.contains("not checked: ") == true)
    }
}
