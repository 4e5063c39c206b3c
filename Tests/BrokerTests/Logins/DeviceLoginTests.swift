import LocalAPI
import MockAuthorizationServer
import OAuth2
import Testing

@testable import Broker

/// Logins on another device; a second server plays the device authorization endpoint.
@Suite(.timeLimit(.minutes(5))) struct DeviceLoginTests {
    private static let codes = #"""
        {"device_code":"dc","user_code":"WDJB-MJHT","verification_uri":"https://as.example/device","expires_in":120,
        "interval":5}
        """#

    private func withDevice(_ body: (BrokerRig, MockAuthorizationServer) async throws -> Void) async throws {
        try await withBroker { rig in
            let device = try await startServer(rig.clock)
            device.setBehaviour(.answer(status: 200, body: Self.codes))
            do {
                try rig.start(
                    rig.client(
                        "billing",
                        """
                        grant = "device_code"
                        device_authorization_endpoint = "\(device.tokenEndpoint)"
                        scopes = ["mail"]
                        parameters = { tenant = "x" }
                        """
                    )
                )
                try await body(rig, device)
            } catch {
                await device.stop()
                throw error
            }
            await device.stop()
        }
    }

    /// Lets the server answer one question so, at its time.
    private func ask(_ rig: BrokerRig, after wait: Duration, _ behaviour: Behaviour) async throws {
        let count = rig.server.requests().count
        rig.server.setBehaviour(behaviour, times: 1)
        rig.advance(by: wait - .seconds(1))
        #expect(rig.server.requests().count == count)
        rig.advance(by: .seconds(1))
    }

    @Test func `a person types the code, and the grant is held`() async throws {
        try await withDevice { rig, device in
            let stream = rig.beginLogin("")
            let verify = try await stream.login()
            #expect(verify.event == .verify && verify.userCode == "WDJB-MJHT" && verify.interval == 5)
            #expect(verify.verificationUri == "https://as.example/device" && verify.expiresAt == 1_800_000_120)
            let request = try #require(device.requests().last)
            #expect(request.parameter("scope") == "mail" && request.parameter("tenant") == "x")
            try await ask(rig, after: .seconds(5), .error("slow_down"))
            let slow = try await stream.login()
            #expect(slow.event == .slowDown && slow.interval == 10)
            let given = rig.grantAnswer()
            try await ask(rig, after: .seconds(10), given.behaviour)
            #expect(try await stream.login().event == .redeeming)
            #expect(try await stream.login().event == .done)
            let question = try #require(rig.server.requests().last)
            #expect(question.grant == "urn:ietf:params:oauth:grant-type:device_code")
            #expect(try rig.answer("/v1/token/billing").token.accessToken == given.accessToken)
            #expect(rig.server.requests().count == 2)
        }
    }

    @Test func `a server that is away is asked again, more slowly`() async throws {
        try await withDevice { rig, _ in
            let stream = rig.beginLogin("")
            _ = try await stream.login()
            try await ask(rig, after: .seconds(5), .answer(status: 503, body: ""))
            let retry = try await stream.login()
            #expect(retry.event == .retry && retry.failure?.error == "temporarily_unavailable")
            try await ask(rig, after: .seconds(10), .error("access_denied"))
            #expect(try await stream.login().failure?.error == "access_denied")
        }
    }

    @Test func `a code that expires ends the login`() async throws {
        try await withDevice { rig, _ in
            let stream = rig.beginLogin("")
            _ = try await stream.login()
            try await ask(rig, after: .seconds(5), .error("expired_token"))
            let failed = try await stream.login()
            #expect(failed.event == .failed && failed.failure?.cause == "expired_token")
        }
    }

    @Test func `a client that may not begin one says why`() async throws {
        try await withDevice { rig, device in
            device.setBehaviour(.error("unauthorized_client"))
            let failed = try await rig.beginLogin("").login()
            #expect(failed.event == .failed && failed.failure?.error == "client_misconfigured")
            #expect(failed.failure?.cause == "unauthorized_client")
        }
    }
}
