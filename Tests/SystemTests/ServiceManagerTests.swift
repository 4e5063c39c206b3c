import Foundation
import Glibc
import LocalAPI
import MockAuthorizationServer
import Testing

/// What the service manager hears, and what a changed configuration does.
@Suite("The service manager", .timeLimit(.minutes(5)))
struct ServiceManagerTests {
    @Test("hears READY with the status, each change of it, and STOPPING; the end is clean and leaves no socket in use")
    func life() async throws {
        let server = try await MockAuthorizationServer.start()
        server.setBehaviour(.error("invalid_client", status: 401), for: "reports-id")
        let room = try Room()
        try room.configure(room.client("billing", at: server), room.client("reports", at: server))
        let (status, _) = try await withDaemon(in: room) { daemon in
            _ = try await Command.tokenctl("token", "billing", in: room)
            _ = try await Command.tokenctl("token", "reports", in: room)
            let line = await daemon.notified { $0.contains("STATUS=2 clients: 1 fresh, 1 misconfigured (reports)") }
            #expect(line != nil)
            // The authorization server need not answer for the daemon to be ready.
            daemon.signal(SIGTERM)
            #expect(await daemon.notified { $0.contains("STOPPING=1") } != nil)
        }
        #expect(status == 0)
        #expect(try await Command.tokenctl("token", "billing", in: room).status == 69)
        await server.stop()
    }

    @Test("a caller that waits when the daemon stops is told so at once")
    func stopWhileWaiting() async throws {
        let server = try await MockAuthorizationServer.start()
        server.setBehaviour(.held)
        let room = try Room()
        try room.configure(room.client("billing", at: server))
        let (status, _) = try await withDaemon(in: room) { daemon in
            async let waiting = SocketHTTP.get("/v1/token/billing?timeout=60", on: room.tokenSocket)
            _ = try await server.counters { $0.held == 1 }
            daemon.signal(SIGTERM)
            let answer = try await waiting
            #expect(answer.status == 503)
            #expect(answer.string("cause") == "stopping")
        }
        #expect(status == 0)
        await server.stop()
    }

    @Test(
        "a reload is told with RELOADING and READY, keeps the tokens of untouched clients and serves the new ones",
        arguments: ["tokenctl", "SIGHUP"]
    )
    func reload(way: String) async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(room.client("billing", at: server), room.client("old", at: server))
        try await withDaemon(in: room) { daemon in
            let before = try await Command.tokenctl("token", "billing", in: room).output
            #expect(try await Command.tokenctl("token", "old", in: room).status == 0)
            try room.configure(
                room.client("billing", at: server),
                room.client("new", at: server, more: #"scopes = ["a"]"#)
            )
            if way == "SIGHUP" {
                daemon.signal(SIGHUP)
            } else {
                let reloaded = try await Command.tokenctl("reload", in: room)
                #expect(reloaded.status == 0, "\(reloaded.errors)")
                #expect(reloaded.output.contains("new") && reloaded.output.contains("old"))
            }
            let reloading = await daemon.notified { $0.contains("RELOADING=1") }
            #expect(reloading?.contains("MONOTONIC_USEC=") == true)
            #expect(await daemon.notified { $0.contains("READY=1") } != nil)
            #expect(try await Command.tokenctl("token", "billing", in: room).output == before)
            #expect(try await Command.tokenctl("token", "new", in: room).status == 0)
            #expect(try await Command.tokenctl("token", "old", in: room).status == 77)
            #expect(server.counters().tokenRequests == 3)
        }
        await server.stop()
    }

    @Test("a refused reload changes nothing, says why, and stays visible in STATUS until one succeeds")
    func refusedReload() async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        let good = try room.client("billing", at: server)
        try room.configure(good)
        try await withDaemon(in: room) { daemon in
            let before = try await Command.tokenctl("token", "billing", in: room).output
            try room.configure(good, "[clients.broken]\nclient_id = 3\n")
            let refused = try await Command.tokenctl("reload", in: room)
            #expect(refused.status == 64)
            #expect(refused.errors.contains(room.configuration) && refused.errors.contains("client_id"))
            #expect(await daemon.notified { $0.contains("READY=1") && $0.contains("reload refused") } != nil)
            let status = try await Command.tokenctl("status", in: room)
            #expect(status.output.contains("ALARM reload refused"))
            #expect(try await Command.tokenctl("token", "billing", in: room).output == before)

            try room.configure(good)
            #expect(try await Command.tokenctl("reload", in: room).status == 0)
            #expect(try await Command.tokenctl("status", in: room).output.contains("ALARM") == false)
        }
        await server.stop()
    }
}
