import Foundation
import LocalAPI
import MockAuthorizationServer
import Testing

/// Logins that go wrong: the real command and daemon, at a server that misbehaves.
@Suite("A login that goes wrong", .timeLimit(.minutes(5)))
struct LoginRefusalTests {
    /// A client at a server that is found by its issuer, and a daemon that knows it.
    private func withClient(
        _ grant: String,
        _ policy: LoginPolicy = LoginPolicy(),
        _ body: (Room, MockAuthorizationServer) async throws -> Void
    ) async throws {
        var configuration = Configuration()
        configuration.logins = policy
        let server = try await MockAuthorizationServer.start(configuration)
        let room = try Room()
        try room.configure(
            """
            [clients.mail]
            issuer = "\(server.issuer)"
            client_id = "mail-id"
            client_authentication = "none"
            grant = "\(grant)"

            """
        )
        try await withDaemon(in: room) { _ in try await body(room, server) }
        await server.stop()
    }

    private func login(_ room: Room, _ person: (LoginEvent) async throws -> Void) async throws -> [LoginEvent] {
        try await ScriptedLogin.run("mail", in: room, person)
    }

    private func browse(_ url: String?) async throws -> String { try await ScriptedLogin.browse(url) }

    @Test(
        "by a redirect that is not its own goes on, and takes the right one after it",
        arguments: [RedirectFault.wrongState, .missingState, .wrongIssuer, .missingIssuer]
    )
    func strangeRedirect(fault: RedirectFault) async throws {
        try await withClient("authorization_code") { room, server in
            let events = try await login(room) { event async throws in
                var policy = LoginPolicy()
                policy.fault = fault
                server.setLogins(policy)
                #expect(try await browse(event.authorizationUri) == "400")
                server.setLogins(LoginPolicy())
                #expect(try await browse(event.authorizationUri) == "200")
            }
            #expect(events.last?.event == .done, "\(events)\n\(room.log)")
            #expect(server.requests(to: .token).count == 1)
        }
    }

    @Test("with a code that the server does not know ends, and the code is presented once")
    func unknownCode() async throws {
        var policy = LoginPolicy()
        policy.fault = .wrongCode
        try await withClient("authorization_code", policy) { room, server in
            let events = try await login(room) { _ = try await browse($0.authorizationUri) }
            #expect(events.last?.event == .failed)
            #expect(events.last?.failure?.cause == "invalid_grant", "\(events)")
            #expect(events.last?.failure?.remedy?.contains("tokenctl login mail") == true, "\(events)")
            #expect(server.requests(to: .token).count == 1)
        }
    }

    @Test("on a device by a person who declines, or who takes too long, says so", arguments: [true, false])
    func device(isDeclined: Bool) async throws {
        var policy = LoginPolicy()
        policy.deviceInterval = .milliseconds(1)
        try await withClient("device_code", policy) { room, server in
            let events = try await login(room) { event async throws in
                #expect(server.decideDevice(isDeclined ? .deny : .expire, userCode: event.userCode))
            }
            #expect(events.last?.event == .failed, "\(events)")
            #expect(events.last?.failure?.cause == (isDeclined ? "access_denied" : "expired_token"), "\(events)")
            #expect(events.last?.failure?.remedy?.contains("og in again") == true, "\(events)")
        }
    }

    @Test("on a device that asks too soon asks less often, and says so")
    func slowDown() async throws {
        // The server states a second, and wants more.
        var policy = LoginPolicy()
        policy.deviceInterval = .milliseconds(1)
        try await withClient("device_code", policy) { room, server in
            server.setBehaviour(.error("slow_down"), at: .token, times: 1)
            let events = try await login(room) { event async throws in
                #expect(event.interval == 1)
                #expect(server.decideDevice(.approve, userCode: event.userCode))
            }
            #expect(events.first { $0.event == .slowDown }?.interval == 6, "\(events)")
            #expect(events.last?.event == .done, "\(events)")
        }
    }
}
