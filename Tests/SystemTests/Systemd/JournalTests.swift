import Foundation
import Testing

/// What the daemon says to a real journald, as programs and people read it.
@Suite("The journal", .needsRealSystemd, .timeLimit(.minutes(5)))
struct JournalTests {
    private static let service = "tokenbrokerd.service"
    private static let secret = "hunter2-of-billing"
    private static let firstToken = "first-refresh-token-of-mail"

    private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../systemd").standardized

    private static let configuration = """
        [clients.billing]
        client_id = "billing"
        client_secret = { credential = "billing-secret" }
        token_endpoint = "\(RealSystemd.AuthorizationServer.tokenEndpoint)"

        [clients.broken]
        client_id = "broken"
        client_secret = { file = "/etc/tokenbroker/gone.secret" }
        token_endpoint = "\(RealSystemd.AuthorizationServer.tokenEndpoint)"

        [clients.mail]
        client_id = "mail"
        client_authentication = "none"
        grant = "refresh_token"
        refresh_token = { credential = "mail-token" }
        token_endpoint = "\(RealSystemd.AuthorizationServer.tokenEndpoint)"

        """

    @Test("has each kind of message with its id, its fields and what to do, and nothing secret")
    func entries() async throws {
        try await RealSystemd.withBooted { systemd in
            try await Self.install(systemd)
            let token = try await systemd.whileAuthorizationServerRuns { try await Self.run(systemd) }
            #expect(!token.isEmpty)
            try await systemd.succeed("journalctl", "--sync")

            // Its own: libraries may speak to syslog, and the manager speaks of the unit.
            let entries = try await Self.entries(
                systemd,
                "_SYSTEMD_UNIT=\(Self.service)",
                "SYSLOG_IDENTIFIER=tokenbrokerd",
                "_TRANSPORT=journal"
            )
            let ids = try Self.catalogIDs()
            #expect(entries.count > 10)
            for entry in entries {
                #expect(ids.contains(entry["MESSAGE_ID"] ?? ""), "\(entry["MESSAGE"] ?? "")")
            }
            func only(_ message: String) throws -> [String: String] {
                let found = entries.filter { $0["MESSAGE"]?.hasPrefix(message) == true }
                #expect(found.count == 1, "\(message)")
                return try #require(found.first)
            }
            let served = try only("A caller got a token")
            #expect(served["PRIORITY"] == "6")
            #expect(served["TOKENBROKER_CLIENT"] == "billing")
            #expect(served["TOKENBROKER_CALLER_UID"] == "0")
            #expect(served["TOKENBROKER_CALLER_UNIT"] == "caller.service")
            let denied = try only("A caller was refused a token")
            #expect(denied["PRIORITY"] == "5")
            #expect(denied["TOKENBROKER_CALLER_UID"] == "20009")
            #expect(try only("Got a token")["TOKENBROKER_CLIENT"] == "billing")
            let misconfigured = try only("A client is misconfigured")
            #expect(misconfigured["PRIORITY"] == "3")
            #expect(misconfigured["TOKENBROKER_CLIENT"] == "broken")
            #expect(misconfigured["TOKENBROKER_CAUSE"] == "secret_unreadable")
            #expect(try only("A client needs a login")["TOKENBROKER_CLIENT"] == "mail")
            #expect(try only("Ready")["PRIORITY"] == "5")

            // As an operator looks for an alarm: by its id, which no other kind has.
            let id = try #require(try only("Alarm raised")["MESSAGE_ID"])
            let alarms = try await Self.entries(systemd, "MESSAGE_ID=\(id)")
            #expect(alarms.map { $0["TOKENBROKER_ALARM"] } == ["reload_refused"])

            try await Self.expectCatalog(systemd)
            let all = try await systemd.succeed("journalctl", "--output=export")
            #expect(all.contains("TOKENBROKER_CLIENT=mail"))
            for secret in [token, Self.secret, Self.firstToken] { #expect(!all.contains(secret)) }
        }
    }

    private static func install(_ systemd: RealSystemd) async throws {
        func source(_ name: String) throws -> String {
            try String(contentsOf: sources.appending(path: name), encoding: .utf8)
                .replacing("@bindir@", with: RealSystemd.products)
        }
        for name in [service, "tokenbrokerd.socket", "tokenbrokerd-admin.socket"] {
            try systemd.write(try source(name), to: "/etc/systemd/system/\(name)")
        }
        try systemd.write(try source("tokenbroker.sysusers"), to: "/etc/sysusers.d/tokenbroker.conf")
        try await systemd.succeed("systemd-sysusers", "/etc/sysusers.d/tokenbroker.conf")
        try systemd.write(try source("tokenbroker.catalog"), to: "/usr/lib/systemd/catalog/tokenbroker.catalog")
        let update = try await systemd.run(["journalctl", "--update-catalog"])
        #expect(update.status == 0 && update.errors == "")
        try systemd.write(configuration, to: "/etc/tokenbroker/tokenbroker.toml")
        var credentials = "[Service]\n"
        for (name, value) in ["billing-secret": secret, "mail-token": firstToken] {
            try systemd.write(value, to: "/etc/credstore/\(name)")
            credentials += "LoadCredential=\(name):/etc/credstore/\(name)\n"
        }
        try systemd.write(credentials, to: "/etc/systemd/system/\(service).d/credentials.conf")
        try await systemd.succeed("systemctl", "daemon-reload")
    }

    /// Lets happen what is to be found, and returns the token that was served.
    private static func run(_ systemd: RealSystemd) async throws -> String {
        try await systemd.start("tokenbrokerd.socket")
        try await systemd.start(service)
        let tokenctl = "\(RealSystemd.products)/tokenctl"
        let token = try await systemd.succeed(
            "systemd-run",
            "--quiet",
            "--wait",
            "--pipe",
            "--unit=caller.service",
            tokenctl,
            "token",
            "billing"
        )
        func status(_ command: [String]) async throws -> Int32 { try await systemd.run(command).status }
        let stranger = ["setpriv", "--reuid=20009", "--regid=20009", "--clear-groups", tokenctl, "token", "billing"]
        #expect(try await status(stranger) == 77)
        #expect(try await status([tokenctl, "token", "broken"]) == 78)
        #expect(try await status([tokenctl, "token", "mail"]) == 80)
        try systemd.write("[clients.billing]\nsecret = true\n", to: "/etc/tokenbroker/tokenbroker.toml")
        #expect(try await status(["systemctl", "reload", service]) != 0)
        try await systemd.stop(service)
        return token
    }

    /// What `journalctl` finds for these arguments, each entry by the names of its fields.
    private static func entries(_ systemd: RealSystemd, _ matches: String...) async throws -> [[String: String]] {
        let found = try await systemd.run(["journalctl", "--no-pager", "--output=json"] + matches)
        return try found.output.split(separator: "\n").map { line in
            let entry = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return (entry ?? [:]).compactMapValues { $0 as? String }
        }
    }

    private static func catalogIDs() throws -> Set<String> {
        let text = try String(contentsOf: sources.appending(path: "tokenbroker.catalog"), encoding: .utf8)
        return Set(text.split(separator: "\n").filter { $0.hasPrefix("-- ") }.map { String($0.dropFirst(3)) })
    }

    /// What an operator sees who asks the journal to explain itself.
    private static func expectCatalog(_ systemd: RealSystemd) async throws {
        let text = try await systemd.succeed("journalctl", "--no-pager", "--catalog", "--unit", service)
        for subject in [
            "Subject: User 0 got a token of billing", "Subject: Client broken is misconfigured",
            "Subject: Client mail needs a login", "Subject: ALARM: the last reload was refused",
            "Subject: The token broker serves callers",
        ] {
            #expect(text.contains(subject))
        }
        #expect(text.contains("tokenctl status broken"))
        #expect(!text.contains("@TOKENBROKER_"))
    }
}
