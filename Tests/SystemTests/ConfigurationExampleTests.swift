import Foundation
import Testing

/// What is delivered as configuration, by the daemon's own word.
@Suite("The configuration examples", .timeLimit(.minutes(5)))
struct ConfigurationExampleTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "config")

    private static let providers =
        ((try? FileManager.default.contentsOfDirectory(atPath: directory.appending(path: "clients.d").path)) ?? [])
        .map { "clients.d/\($0)" }.sorted()

    @Test("for each provider is valid once it is copied and the secrets that it names are there", arguments: providers)
    func provider(name: String) async throws {
        let room = try Room()
        try FileManager.default.createDirectory(atPath: "\(room.path)/clients.d", withIntermediateDirectories: false)
        try copy("installed.toml", to: "tokenbroker.toml", in: room)
        try copy(name, to: name.replacing(".example", with: ""), in: room)
        let without = try await check(room, credentials: [])
        #expect(without.status == 78 && without.errors.contains("client_secret: credential "), "\(without.errors)")
        try await expectValid(room, secretsOf: name, clients: "1 client")
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
        for name in credentials { try room.secret("credentials/\(name)", "stand-in") }
        return try await Command.run(
            Binaries.tokenbrokerd,
            ["--check", "--config", room.configuration],
            environment: ["CREDENTIALS_DIRECTORY": directory]
        )
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
