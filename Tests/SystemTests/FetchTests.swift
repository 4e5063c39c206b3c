import Foundation
import LocalAPI
import MockAuthorizationServer
import Testing

/// The main job, with the real binaries: a machine's token over the socket, by every way a caller may take.
@Suite("A fetch", .timeLimit(.minutes(5)))
struct FetchTests {
    @Test("gets the token by tokenctl, by curl and by an OAuth library's token request")
    func everyWay() async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(room.client("billing", at: server, more: "scopes = [\"invoices/read\"]"))
        let (status, _) = try await withDaemon(in: room) { _ in
            let tokenctl = try await Command.tokenctl("token", "billing", in: room)
            #expect(tokenctl.status == 0, "\(tokenctl.errors)")
            #expect(tokenctl.errors == "")
            let token = tokenctl.output.trimmingCharacters(in: .newlines)
            #expect(server.isActive(token))

            let curl = try await Command.run(
                "curl",
                ["-sS", "--unix-socket", room.tokenSocket, "http://localhost/v1/token/billing"]
            )
            let document = try #require(JSONSerialization.jsonObject(with: Data(curl.output.utf8)) as? [String: Any])
            #expect(document["access_token"] as? String == token)
            #expect(document["token_type"] as? String == "Bearer")
            #expect(document["scope"] as? String == "invoices/read")
            #expect(document["client"] as? String == "billing")
            let left = try #require(document["expires_in"] as? Int)
            #expect((1...3600).contains(left))

            let plain = try await Command.run(
                "curl",
                ["-sS", "-H", "Accept: text/plain", "--unix-socket", room.tokenSocket, "http://x/v1/token/billing"]
            )
            #expect(plain.output.trimmingCharacters(in: .newlines) == token)

            let library = try await SocketHTTP.post(
                "/oauth2/token",
                form: "grant_type=client_credentials&client_id=billing",
                on: room.tokenSocket
            )
            #expect(library.status == 200)
            #expect(library.string("access_token") == token)
            #expect(library.head.lowercased().contains("cache-control: no-store"))
            #expect(server.counters().tokenRequests == 1)
        }
        #expect(status == 0)
        await server.stop()
    }

    @Test("by 500 callers at once on a cold client costs one token request")
    func singleFlight() async throws {
        let server = try await MockAuthorizationServer.start()
        server.setBehaviour(.held)
        let room = try Room()
        try room.configure(room.client("billing", at: server))
        try await withDaemon(in: room) { _ in
            let answers = try await withThrowingTaskGroup(of: SocketHTTP.Answer.self) { group in
                for _ in 0..<500 {
                    group.addTask { try await SocketHTTP.get("/v1/token/billing?timeout=60", on: room.tokenSocket) }
                }
                _ = try await server.counters { $0.held == 1 }
                try await room.metric("tokenbroker_connections") { $0 > 500 }
                server.release()
                var answers: [SocketHTTP.Answer] = []
                for try await answer in group { answers.append(answer) }
                return answers
            }
            #expect(answers.count == 500)
            #expect(answers.allSatisfy { $0.status == 200 })
            #expect(Set(answers.map { $0.string("access_token") }).count == 1)
            #expect(server.counters().tokenRequests == 1)
        }
        await server.stop()
    }

    @Test("that was refused is reported by tokenctl from standard input, and another token takes its place")
    func rejected() async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(room.client("billing", at: server), room.client("root", at: server, more: "allow = []"))
        func reject(_ client: String, _ input: String) async throws -> Command {
            try await .run(Binaries.tokenctl, ["reject", client], environment: room.socketVariables, input: input)
        }
        try await withDaemon(in: room) { _ in
            let token = try await Command.tokenctl("token", "billing", in: room).output
            server.revoke(token.trimmingCharacters(in: .newlines))
            let reported = try await reject("billing", token)
            #expect(reported.status == 0 && reported.output == "", "\(reported.errors)")
            #expect(reported.errors == "tokenctl: billing: another token is being asked for\n")
            _ = try await server.counters { $0.tokenRequests == 2 }
            try await Watch.state(.fresh, of: "billing", in: room)
            let next = try await Command.tokenctl("token", "billing", in: room).output
            #expect(next != token && server.isActive(next.trimmingCharacters(in: .newlines)))

            let late = try await reject("billing", token)
            #expect(late.status == 0 && late.errors.contains("nothing is asked for"))
            let empty = try await reject("billing", "\n")
            #expect(empty.status == 64 && empty.errors.contains("standard input is empty"))
            let long = try await reject("billing", String(repeating: "a", count: 20_000))
            #expect(long.status == 64 && long.errors.contains("more than"))
            let forbidden = try await reject("root", next)
            #expect(forbidden.status == 77)
            #expect(try await reject("rook", next).errors == forbidden.errors.replacing("root", with: "rook"))
            #expect(server.counters().tokenRequests == 2)
            let said = [reported, late, empty, long, forbidden].map(\.errors).joined() + room.log
            #expect(!said.contains(token.trimmingCharacters(in: .newlines)))
        }
        await server.stop()
    }
}
