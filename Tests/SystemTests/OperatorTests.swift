import Foundation
import Glibc
import LocalAPI
import MockAuthorizationServer
import Testing

/// The operator's face, as typed.
@Suite("tokenctl", .timeLimit(.minutes(5)))
struct OperatorTests {
    @Test("shows the status as a table and as JSON, refreshes, and lists clients")
    func status() async throws {
        let server = try await MockAuthorizationServer.start()
        server.setBehaviour(.error("unauthorized_client", status: 400), for: "reports-id")
        let room = try Room()
        try room.configure(
            room.client("billing", at: server, more: #"scopes = ["invoices/read"]"#),
            room.client("reports", at: server),
            room.client("quiet", at: server)
        )
        try await withDaemon(in: room) { _ in
            let first = try await Command.tokenctl("token", "billing", in: room).output
            _ = try await Command.tokenctl("token", "reports", in: room)

            let table = try await Command.tokenctl("status", in: room)
            #expect(table.status == 0)
            let lines = table.output.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines[0].hasPrefix("CLIENT   STATE          SERVING  EXPIRES"))
            #expect(lines.contains { $0.hasPrefix("billing  fresh          yes      in 1h") || $0.contains("in 59m") })
            #expect(lines.contains { $0.hasPrefix("quiet    idle           no       -") })
            #expect(lines.contains { $0.hasPrefix("reports  misconfigured  no") && $0.contains("unauthorized_client") })
            #expect(table.output.contains("Enable the grant that [clients.reports] names"))
            #expect(!table.output.contains("\u{1B}"))

            let json = try await Command.tokenctl("status", "--format", "json", in: room)
            let document = try DocumentCoding.decode(StatusDocument.self, from: Array(json.output.utf8))
            #expect(document.formatVersion == 1)
            #expect(document.clients.map(\.client) == ["billing", "quiet", "reports"])
            #expect(document.clients.map(\.state) == [.fresh, .idle, .misconfigured])
            #expect(document.clients[2].lastError?.error == "client_misconfigured")
            #expect(document.clients[2].lastError?.serverStatus == 400)

            let one = try await Command.tokenctl("status", "billing", in: room)
            #expect(one.output.contains("billing") && !one.output.contains("reports"))

            let refreshed = try await Command.tokenctl("refresh", "billing", in: room)
            #expect(refreshed.status == 0, "\(refreshed.errors)")
            #expect(try await Command.tokenctl("token", "billing", in: room).output != first)

            let clients = try await Command.tokenctl("clients", in: room)
            #expect(clients.output.contains("billing") && clients.output.contains("invoices/read"))
        }
        await server.stop()
    }

    @Test("ends with the status that scripts rely on, with nothing on standard output and the reason beside it")
    func exitStatuses() async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(
            room.client("billing", at: server, more: #"scopes = ["invoices/read"]"#),
            room.client("foreign", at: server, more: #"allow = [ { user = "nobody-of-that-name" } ]"#)
        )
        try await withDaemon(in: room) { _ in
            let cases: [(arguments: [String], status: Int32)] = [
                (["token", "billing", "--min-ttl", "2h"], 81),
                (["token", "billing", "--min-ttl", "61m"], 81),
                (["token", "billing", "--scope", "invoices/write"], 64),
                (["token", "billing", "--timeout", "soon"], 64),
                (["token", "billing", "--format", "xml"], 64),
                (["token", "foreign"], 77),
                (["token", "unknown"], 77),
                (["status", "unknown"], 66),
                (["refresh", "unknown"], 66),
                (["token"], 64),
                (["no-such-command"], 64),
                (["--no-such-option"], 64),
            ]
            for (arguments, status) in cases {
                let ended = try await Command.run(Binaries.tokenctl, arguments, environment: room.socketVariables)
                #expect(ended.status == status, "\(arguments): \(ended.output)\(ended.errors)")
                #expect(ended.output == "", "\(arguments)")
                #expect(!ended.errors.isEmpty, "\(arguments)")
            }
            let forbidden = try await SocketHTTP.get("/v1/token/foreign", on: room.tokenSocket)
            let unknown = try await SocketHTTP.get("/v1/token/unknown", on: room.tokenSocket)
            #expect(forbidden.status == unknown.status)
            #expect(forbidden.body.replacing("foreign", with: "unknown") == unknown.body)
        }
        let nobody = try await Command.tokenctl("token", "billing", in: room)
        #expect(nobody.status == 69)
        #expect(nobody.errors.contains(room.tokenSocket))
        await server.stop()
    }

    @Test("gives the token in the form that was asked for")
    func formats() async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(room.client("billing", at: server))
        try await withDaemon(in: room) { _ in
            let token = try await Command.tokenctl("token", "billing", in: room).output
            #expect(token.hasSuffix("\n") && token.split(separator: "\n").count == 1)
            let header = try await Command.tokenctl("token", "billing", "--format", "header", in: room).output
            #expect(header == "Authorization: Bearer \(token)")
            let json = try await Command.tokenctl("token", "billing", "--format", "json", in: room).output
            let document = try DocumentCoding.decode(TokenDocument.self, from: Array(json.utf8))
            #expect(document.accessToken + "\n" == token)
            #expect(document.client == "billing")
        }
        await server.stop()
    }

    @Test("check says what is right, and version and help are there")
    func check() async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(room.client("billing", at: server))
        let checked = try await Command.run(Binaries.tokenctl, ["check", room.configuration])
        #expect(checked.status == 0, "\(checked.errors)")
        #expect(checked.output.contains("valid: 1 client"))
        #expect(!FileManager.default.fileExists(atPath: room.state))
        for arguments in [["--help"], ["token", "--help"], ["--version"]] {
            let help = try await Command.run(Binaries.tokenctl, arguments)
            #expect(help.status == 0 && !help.output.isEmpty, "\(arguments)")
        }
        #expect(try await Command.run(Binaries.tokenbrokerd, ["--version"]).output.isEmpty == false)
        await server.stop()
    }

    @Test("waiting for longer than the timeout says so")
    func waiting() async throws {
        let server = try await MockAuthorizationServer.start()
        server.setBehaviour(.held)
        let room = try Room()
        try room.configure(room.client("billing", at: server))
        try await withDaemon(in: room) { _ in
            let answer = try await SocketHTTP.get("/v1/token/billing?timeout=1", on: room.tokenSocket)
            #expect(answer.status == 503)
            #expect(answer.string("cause") == "waiting")
            #expect(try await Command.tokenctl("token", "billing", "--timeout", "1s", in: room).status == 75)
            #expect(server.counters().tokenRequests == 1, "\(room.log)")
        }
        await server.stop()
    }
}
