import ArgumentParser
import LocalAPI
import OAuth2
import Testing

@testable import tokenctl

@Suite("tokenctl's commands") struct CommandTests {
    private func query(_ arguments: String...) throws -> String {
        BrokerClient.query(try TokenCommand.parse(arguments).parameters)
    }

    @Test("ask the daemon in its own words, form-encoded")
    func parameters() throws {
        #expect(try query("billing") == "")
        #expect(
            try query(
                "billing",
                "--scope",
                "b/read",
                "--scope",
                "a",
                "--audience",
                "https://api",
                "--resource",
                "urn:1",
                "--resource",
                "urn:2",
                "--min-ttl",
                "5m",
                "--timeout",
                "10s"
            ) == "?scope=b%2Fread+a&audience=https%3A%2F%2Fapi&resource=urn%3A1&resource=urn%3A2&min_ttl=5m&timeout=10s"
        )
    }

    @Test("ask for what the daemon understands the same way")
    func understood() throws {
        let query = try query("a b", "--scope", "x y", "--audience", "é&=+", "--min-ttl", "300")
        let target = "/v1/token/\(BrokerClient.segment("a b"))\(query)"
        let request = try APIRequest.parse(APIRequest.Input(method: .get, target: target), role: .token)
        guard case .token(let asked) = request else {
            Issue.record("\(request)")
            return
        }
        #expect(asked.client == "a b" && asked.scope?.tokens == ["x", "y"] && asked.audience == "é&=+")
        #expect(asked.minTTL == .seconds(300))
    }

    @Test(
        "put a name into a path so that it stays one segment",
        arguments: ["billing", "a b", "a+b", "a/b", "../x", "a?b=c", "%41", "é", "a&b", "#"]
    )
    func segment(name: String) throws {
        let segment = BrokerClient.segment(name)
        #expect(segment.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        let request = try APIRequest.parse(
            APIRequest.Input(method: .get, target: "/v1/watch/\(segment)"),
            role: .token
        )
        #expect(request == .watch(client: name))
    }

    @Test("take the formats that there are and no other")
    func formats() throws {
        #expect(try TokenCommand.parse(["a"]).format == .token)
        #expect(try TokenCommand.parse(["a", "--format", "header"]).format == .header)
        #expect(try TokenCommand.parse(["a", "--format", "json"]).format == .json)
        #expect(throws: (any Error).self) { try TokenCommand.parse(["a", "--format", "xml"]) }
        #expect(try StatusCommand.parse([]).format == .table)
        #expect(try StatusCommand.parse(["a", "--format", "json", "--watch"]).watch)
    }

    @Test("say what a reload changed, and leave out what it did not")
    func reload() {
        let nothing = ReloadDocument(added: [], removed: [], changed: [], unchanged: 3, restartNeeded: [])
        #expect(ReloadCommand.lines(nothing) == ["unchanged: 3"])
        let much = ReloadDocument(
            added: ["a", "b"],
            removed: ["c"],
            changed: ["d"],
            unchanged: 0,
            restartNeeded: ["x"]
        )
        #expect(ReloadCommand.lines(much) == ["added: a, b", "changed: d", "removed: c", "unchanged: 0"])
    }

    @Test("ask the operators' socket for what was meant")
    func operations() throws {
        func asked(_ path: String) throws -> APIRequest {
            try APIRequest.parse(APIRequest.Input(method: .post, target: path), role: .admin)
        }
        #expect(try asked(RefreshCommand.parse(["a b"]).path) == .refresh(client: "a b", .ordinary))
        #expect(
            try asked(RefreshCommand.parse(["a", "--trust-restored"]).path) == .refresh(client: "a", .trustingRestored)
        )
        #expect(
            try asked(RefreshCommand.parse(["a", "--retake-first-token"]).path)
                == .refresh(client: "a", .retakingFirstToken)
        )
        // The daemon says why not.
        let both = try RefreshCommand.parse(["a", "--retake-first-token", "--trust-restored"]).path
        #expect(throws: APIError.self) { try asked(both) }
        #expect(try asked(LogoutCommand.parse(["a/b"]).path) == .logout(client: "a/b", forgetting: false))
        #expect(try asked(LogoutCommand.parse(["a", "--forget"]).path) == .logout(client: "a", forgetting: true))
        #expect(throws: (any Error).self) { try LogoutCommand.parse([]) }
    }

    @Test("say what became of a grant", arguments: [true, false], [true, false])
    func logout(revoked: Bool, forgotten: Bool) {
        let line = LogoutCommand.line(LogoutDocument(client: "ann", revoked: revoked, forgotten: forgotten))
        let lines = [
            "ann: neither revoked nor forgotten", "ann: forgotten, not revoked", "ann: revoked, not forgotten",
            "ann: revoked and forgotten",
        ]
        #expect(line == lines[(revoked ? 2 : 0) + (forgotten ? 1 : 0)])
    }

    @Test("save a backup to a file, or to standard output by a dash")
    func backup() throws {
        #expect(try BackupCommand.parse(["-"]).file == "-")
        let command = try BackupCommand.parse(["/srv/backup", "--force", "--socket", "/a.sock"])
        #expect(command.file == "/srv/backup" && command.force && command.connection.socket == "/a.sock")
        #expect(throws: (any Error).self) { try BackupCommand.parse([]) }
    }

    @Test("complete clients from the socket that the line names, in every shell's cutting of it")
    func completionSocket() {
        #expect(ClientCompletion.socket(in: ["tokenctl", "token", ""]) == nil)
        #expect(ClientCompletion.socket(in: ["tokenctl", "token", "--socket", "/a.sock", ""]) == "/a.sock")
        #expect(ClientCompletion.socket(in: ["tokenctl", "token", "--socket=/a.sock", ""]) == "/a.sock")
        #expect(ClientCompletion.socket(in: ["tokenctl", "token", "--socket", "=", "/a.sock", ""]) == "/a.sock")
        #expect(ClientCompletion.socket(in: ["tokenctl", "token", "--socket"]) == nil)
        #expect(ClientCompletion.socket(in: ["tokenctl", "token", "--socket="]) == nil)
    }

    @Test("offer a shell no client whose name it would take for something else, whoever answers")
    func completionOfHostileNames() throws {
        let names = ["$(touch x)", "`touch x`", "a;b", "a\nb", "a b", "a:b", "\u{1B}[31m", "-x", "", "billing"]
        let document = ClientsDocument(
            clients: names.map { .init(client: $0, scope: "", audience: nil, resource: []) }
        )
        let body = DocumentCoding.encode(document)
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
        let socket = try AnsweringSocket([Array(head.utf8), body])
        let offered = ClientCompletion.names(from: "/v1/clients", .token, ["--socket", socket.path]) {
            (document: ClientsDocument) in document.clients.map(\.client)
        }
        #expect(offered == ["billing"])
    }
}
