import Foundation
import LocalAPI
import Testing

/// The real daemon at a real authorization server, over real seconds.
@Suite("At a real authorization server", .needsRealAuthorizationServer, .timeLimit(.minutes(5)))
struct RealServerTests {
    @Test(
        "tokens of 30 s are refreshed ahead over two lifetimes, and the server says that they are active",
        arguments: RealAuthorizationServer.Scheme.allCases
    )
    func refreshedAhead(scheme: RealAuthorizationServer.Scheme) async throws {
        let server = try await RealAuthorizationServer.start(scheme: scheme, accessTokenLifetime: 30)
        let room = try Room()
        try room.configure(
            try client("basic", server.basicClient, at: server, in: room, more: #"basic_encoding = "raw""#),
            try client(
                "post",
                server.postClient,
                at: server,
                in: room,
                more: #"client_authentication = "client_secret_post""#
            )
        )
        try await withDaemon(in: room) { _ in
            try await withThrowingTaskGroup { group in
                for (name, registration) in [("basic", server.basicClient), ("post", server.postClient)] {
                    group.addTask { try await follow(name, registration, at: server, in: room) }
                }
                try await group.waitForAll()
            }
        }
        try await server.stop()
    }

    /// Sees a client's token replaced ahead of its end until two lifetimes are over.
    private func follow(
        _ name: String,
        _ registration: RealAuthorizationServer.Client,
        at server: RealAuthorizationServer,
        in room: Room
    ) async throws {
        var tokens: Set<String> = []
        var end = 0
        var last = 0
        while end == 0 || last < end {
            let fetched = try await SocketHTTP.get("/v1/token/\(name)", on: room.tokenSocket)
            try #require(fetched.status == 200, "\(fetched.body)")
            let token = try #require(fetched.string("access_token"))
            let expiry = try #require(fetched.json["expires_at"] as? Int)
            #expect(tokens.insert(token).inserted)
            // With 3 s kept back at the end, a token with less left would have been refreshed too late.
            let left = try #require(fetched.json["expires_in"] as? Int)
            #expect(left > 3)
            let introspection = try await server.introspect(token, as: registration)
            #expect(introspection.active)
            #expect(introspection.scope == server.scope)
            let stated = try #require(introspection.exp)
            #expect(abs(stated - expiry) <= 1)
            if end == 0 { end = expiry + 30 }
            last = expiry
            if last < end {
                let before = expiry
                try await Watch.event(of: name, in: room) { ($0.expiresAt ?? 0) > before }
            }
        }
        #expect(tokens.count >= 3)
    }

    @Test("what it refuses is told with the server's own word and a remedy, and other clients are served")
    func refusals() async throws {
        let server = try await RealAuthorizationServer.start(scheme: .http)
        let room = try Room()
        let wrong = RealAuthorizationServer.Client(id: server.postClient.id, secret: "not-the-secret")
        let post = #"client_authentication = "client_secret_post""#
        try room.configure(
            try client("good", server.postClient, at: server, in: room, more: post),
            try client("wrong", wrong, at: server, in: room, more: post),
            try client("disabled", server.disabledClient, at: server, in: room),
            try client("codeonly", server.codeOnlyClient, at: server, in: room)
        )
        try await withDaemon(in: room) { _ in
            #expect(try await Command.tokenctl("token", "good", in: room).status == 0)
            for name in ["wrong", "disabled", "codeonly"] {
                let refused = try await SocketHTTP.get("/v1/token/\(name)", on: room.tokenSocket)
                #expect(refused.status == 502, "\(name): \(refused.body)")
                #expect(refused.string("error") == "client_misconfigured", "\(name)")
                #expect(refused.string("cause")?.isEmpty == false, "\(name)")
                #expect(refused.string("remedy")?.isEmpty == false, "\(name)")
                #expect(try await Command.tokenctl("token", name, in: room).status == 78, "\(name)")
                #expect(try await room.status(of: name).state == .misconfigured, "\(name)")
            }
            #expect(try await Command.tokenctl("token", "good", in: room).status == 0)
        }
        try await server.stop()
    }

    @Test("a private authority is trusted by ca_file alone, and a certificate without it is told apart from an outage")
    func privateAuthority() async throws {
        let server = try await RealAuthorizationServer.start(scheme: .https)
        let room = try Room()
        let post = #"client_authentication = "client_secret_post""#
        try room.configure(
            try client("trusting", server.postClient, at: server, in: room, more: post),
            try client("doubting", server.postClient, at: server, in: room, more: post, trusts: false)
        )
        try await withDaemon(in: room) { _ in
            #expect(try await Command.tokenctl("token", "trusting", in: room).status == 0)
            let refused = try await SocketHTTP.get("/v1/token/doubting", on: room.tokenSocket)
            #expect(refused.string("cause") == "certificate_refused", "\(refused.body)")
            #expect(refused.string("remedy")?.contains("ca_file") == true, "\(refused.body)")
        }
        try await server.stop()
    }

    @Test("its outage, beyond the refresh and within the token's life, costs no caller a token")
    func outage() async throws {
        let server = try await RealAuthorizationServer.start(scheme: .http, accessTokenLifetime: 30)
        let room = try Room()
        try room.configure(
            try client(
                "post",
                server.postClient,
                at: server,
                in: room,
                more: """
                    client_authentication = "client_secret_post"
                    refresh_at = 0.2
                    """
            )
        )
        try await withDaemon(in: room) { _ in
            let before = try await Command.tokenctl("token", "post", in: room)
            try #require(before.status == 0, "\(before.errors)")
            let caller = TirelessCaller("/v1/token/post", on: room.tokenSocket)
            try await server.interrupt()
            try await Watch.state(.retrying, of: "post", in: room)
            #expect(try await Command.tokenctl("token", "post", in: room).output == before.output)
            try await server.resume()
            try await Watch.state(.fresh, of: "post", in: room)
            let after = try await Command.tokenctl("token", "post", in: room)
            #expect(after.status == 0 && after.output != before.output)
            let statuses = await caller.stop()
            #expect(Set(statuses) == [200])
            #expect(statuses.count > 100)
        }
        try await server.stop()
    }

    private func client(
        _ name: String,
        _ registration: RealAuthorizationServer.Client,
        at server: RealAuthorizationServer,
        in room: Room,
        more: String = "",
        trusts: Bool = true
    ) throws -> String {
        """
        [clients.\(name)]
        token_endpoint = "\(server.tokenEndpoint)"
        client_id = "\(registration.id)"
        client_secret = { file = "\(try room.secret("\(name).secret", registration.secret))" }
        scopes = ["\(server.scope)"]
        \(trusts && server.tokenEndpoint.hasPrefix("https") ? "ca_file = \"\(server.caFile)\"" : "")
        \(more)

        """
    }
}
