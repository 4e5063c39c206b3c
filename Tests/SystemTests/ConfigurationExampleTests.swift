import Foundation
import Testing

/// What is delivered as configuration, by the daemon's own word.
@Suite("The configuration examples", .timeLimit(.minutes(5)))
struct ConfigurationExampleTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "config")

    private static let examples =
        ((try? FileManager.default.contentsOfDirectory(atPath: directory.appending(path: "clients.d").path)) ?? [])
        .map { "clients.d/\($0)" }.sorted()

    @Test("in clients.d is valid once it is copied and the secrets that it names are there", arguments: examples)
    func example(name: String) async throws {
        let room = try Room()
        let text = try String(contentsOf: Self.directory.appending(path: name), encoding: .utf8)
        try FileManager.default.createDirectory(atPath: "\(room.path)/clients.d", withIntermediateDirectories: false)
        try copy("installed.toml", to: "tokenbroker.toml", in: room)
        try copy(name, to: name.replacing(".example", with: ""), in: room)
        if text.contains("\n[clients.") && text.contains("{ credential = ") {
            let without = try await check(room, credentials: [])
            #expect(without.status == 78 && without.errors.contains(": credential "), "\(without.errors)")
        }
        let count = text.split(separator: "\n").count { $0.hasPrefix("[clients.") }
        try await expectValid(room, secretsOf: name, clients: count == 1 ? "1 client" : "\(count) clients")
    }

    @Test("with every key is valid once the secrets that it names are there")
    func everyKey() async throws {
        let room = try Room()
        try copy("tokenbroker.toml", to: "tokenbroker.toml", in: room)
        try room.secret("reports.secret", "stand-in")
        try await expectValid(room, secretsOf: "tokenbroker.toml", clients: "5 clients")
    }

    @Test("that is installed is valid, and warns of nothing but that it has no clients")
    func installed() async throws {
        let room = try Room()
        try copy("installed.toml", to: "tokenbroker.toml", in: room)
        let checked = try await check(room, credentials: [])
        let warnings = checked.output.split(separator: "\n").filter { $0.hasPrefix("warning: ") }
        #expect(
            checked.status == 0 && warnings.count == 1 && checked.output.contains("no clients"),
            "\(checked.output)"
        )
    }

    private func copy(_ name: String, to copy: String, in room: Room) throws {
        try FileManager.default.copyItem(
            atPath: Self.directory.appending(path: name).path,
            toPath: "\(room.path)/\(copy)"
        )
    }

    /// The real daemon's check, with credentials as systemd would give them.
    private func check(_ room: Room, credentials: [String]) async throws -> Command {
        let directory = "\(room.path)/credentials"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for name in credentials { try room.secret("credentials/\(name)", try await credential(name, in: room)) }
        return try await Command.run(
            Binaries.tokenbrokerd,
            ["--check", "--config", room.configuration],
            environment: ["CREDENTIALS_DIRECTORY": directory, "REPORTS_SECRET": "stand-in"]
        )
    }

    /// What stands for a credential of that name: a key and its certificate, Google's key file, or any secret.
    private func credential(_ name: String, in room: Room) async throws -> String {
        guard let kind = ["-key", "-certificate", "-account"].first(where: name.hasSuffix) else {
            // As long as HS256 wants it, and as providers form theirs: Slack's are shorter than GitHub's.
            return String(repeating: "0123456789", count: 4).prefix(name.hasPrefix("notices") ? 32 : 40).description
        }
        let (key, certificate) = ("\(room.path)/key.pem", "\(room.path)/certificate.pem")
        if !FileManager.default.fileExists(atPath: key) {
            let made = try await Command.run(
                "/usr/bin/openssl",
                [
                    "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=example", "-days", "30",
                    "-keyout", key, "-out", certificate,
                ]
            )
            #expect(made.status == 0, "\(made.errors)")
        }
        let pem = try String(contentsOfFile: kind == "-certificate" ? certificate : key, encoding: .utf8)
        guard kind == "-account" else { return pem }
        let account = [
            "type": "service_account", "client_email": "a@acme.iam.gserviceaccount.com", "client_id": "1",
            "private_key": pem, "private_key_id": "1", "token_uri": "https://oauth2.googleapis.com/token",
        ]
        return String(decoding: try JSONEncoder().encode(account), as: UTF8.self)
    }

    private func expectValid(_ room: Room, secretsOf name: String, clients: String) async throws {
        let text = try String(contentsOf: Self.directory.appending(path: name), encoding: .utf8)
        let credentials = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
            .flatMap { $0.matches(of: /credential = "([^"]+)"/).map { String($0.output.1) } }
        let checked = try await check(room, credentials: credentials)
        // The kernel's age is this machine's matter.
        let warnings = checked.output.split(separator: "\n").filter { !$0.contains("SO_PEERPIDFD") }.dropLast()
        #expect(checked.status == 0 && warnings.isEmpty, "\(checked.output)\(checked.errors)")
        #expect(checked.output.hasSuffix("is valid: \(clients)\n"))
    }
}
