import Foundation
import Testing

/// A person logs in at a real authorization server, through the real command.
@Suite("Logins at a real authorization server", .needsRealAuthorizationServer, .timeLimit(.minutes(5)))
struct RealServerLoginTests {
    private static let rotations = 5

    @Test(
        "a browser's login is served and rotated, and a logout ends it",
        arguments: RealAuthorizationServer.Scheme.allCases
    )
    func browser(scheme: RealAuthorizationServer.Scheme) async throws {
        let server = try await RealAuthorizationServer.start(scheme: scheme)
        let room = try Room()
        let client = server.browserClient
        try room.configure(
            configuration(
                "person",
                client.id,
                at: server,
                """
                grant = "authorization_code"
                client_secret = { file = "\(try room.secret("person.secret", client.secret))" }
                basic_encoding = "raw"
                authorization_endpoint = "\(server.authorizationEndpoint)"
                revocation_endpoint = "\(server.revocationEndpoint)"
                redirect_uri = "\(server.redirectURI)"
                """
            )
        )
        try await withDaemon(in: room) { _ in
            try await logIn(room) { event in
                let url = try #require(event["authorization_uri"] as? String, "\(event)")
                _ = try await server.follow(url, for: client.id)
            }
            var tokens: Set<String> = [try await fetch(room)]
            for _ in 1...Self.rotations {
                let refreshed = try await SocketHTTP.post("/v1/clients/person/refresh", on: room.adminSocket)
                #expect(refreshed.status == 200, "\(refreshed.body)")
                let token = try await fetch(room)
                #expect(try await server.introspect(token, as: client).active)
                tokens.insert(token)
            }
            #expect(tokens.count == Self.rotations + 1)
            let last = try await fetch(room)
            #expect(try await Command.tokenctl("logout", "person", in: room).status == 0)
            #expect(try await server.introspect(last, as: client).active == false)
            #expect(try await SocketHTTP.get("/v1/token/person", on: room.tokenSocket).status == 409)
        }
        try await server.stop()
    }

    @Test("a device's login is served once the person has typed the code, and rotated")
    func device() async throws {
        let server = try await RealAuthorizationServer.start(scheme: .http)
        let room = try Room()
        try room.configure(
            configuration(
                "person",
                server.deviceClientID,
                at: server,
                """
                grant = "device_code"
                client_authentication = "none"
                device_authorization_endpoint = "\(server.deviceAuthorizationEndpoint)"
                """
            )
        )
        try await withDaemon(in: room) { _ in
            try await logIn(room) { event in
                try await server.approve(try #require(event["user_code"] as? String), for: server.deviceClientID)
            }
            let first = try await fetch(room)
            let refreshed = try await SocketHTTP.post("/v1/clients/person/refresh", on: room.adminSocket)
            #expect(refreshed.status == 200, "\(refreshed.body)")
            #expect(try await fetch(room) != first)
        }
        try await server.stop()
    }

    @Test("a token is for the resource that the client asks for")
    func resource() async throws {
        let server = try await RealAuthorizationServer.start(scheme: .http)
        let room = try Room()
        try room.configure(
            configuration(
                "person",
                server.postClient.id,
                at: server,
                """
                client_authentication = "client_secret_post"
                client_secret = { file = "\(try room.secret("person.secret", server.postClient.secret))" }
                resource = ["\(server.resource)"]
                """
            )
        )
        try await withDaemon(in: room) { _ in
            let claims = try RealAuthorizationServer.claims(of: try await fetch(room))
            #expect(claims["aud"] as? String == server.resource)
        }
        try await server.stop()
    }

    /// Runs `tokenctl login`, has `person` act on the first event, and sees it succeed.
    private func logIn(_ room: Room, _ person: ([String: Any]) async throws -> Void) async throws {
        let arguments = ["login", "person", "--format", "json", "--socket", room.adminSocket]
        let (_, rest) = try await Command.whileTalking(Binaries.tokenctl, arguments) { line in
            try await person(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:])
        }
        #expect(rest.contains(#""event":"done""#), "\(rest)\n\(room.log)")
    }

    private func fetch(_ room: Room) async throws -> String {
        let fetched = try await SocketHTTP.get("/v1/token/person", on: room.tokenSocket)
        return try #require(fetched.string("access_token"), "\(fetched.body)\n\(room.log)")
    }

    private func configuration(
        _ name: String,
        _ id: String,
        at server: RealAuthorizationServer,
        _ more: String
    ) -> String {
        """
        [clients.\(name)]
        token_endpoint = "\(server.tokenEndpoint)"
        client_id = "\(id)"
        scopes = ["\(server.scope)"]
        \(server.tokenEndpoint.hasPrefix("https") ? "ca_file = \"\(server.caFile)\"" : "")
        \(more)

        """
    }
}
