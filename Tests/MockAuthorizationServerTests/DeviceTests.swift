import NIOHTTP1
import Testing

@testable import MockAuthorizationServer

@Suite("Logins on another device")
struct DeviceTests {
    private let clock = ManualClock()

    private func withDeviceServer(_ body: (MockAuthorizationServer) async throws -> Void) async throws {
        try await withServer {
            $0.clients = LoginTests.clients
            $0.now = { [clock] in clock.now() }
        } _: {
            try await body($0)
        }
    }

    private func begin(_ server: MockAuthorizationServer, basic: String = "billing:secret") async throws -> Answer {
        try await Caller.post("scope=read", to: server.url(.deviceAuthorization), basic: basic)
    }

    private func ask(_ server: MockAuthorizationServer, _ begun: Answer) async throws -> Answer {
        let code = try #require(begun["device_code"])
        return try await Caller.post(
            "grant_type=\(GrantType.deviceCode.rawValue)&device_code=\(code)",
            to: server.tokenEndpoint
        )
    }

    @Test("a device asks until the person has approved, once")
    func approval() async throws {
        try await withDeviceServer { server in
            let begun = try await begin(server)
            #expect(begun.members["interval"] == 5)
            #expect(begun.members["expires_in"] == 600)
            let userCode = try #require(begun["user_code"])
            #expect(userCode.wholeMatch(of: /[B-Z]{4}-[B-Z]{4}/) != nil)
            #expect(try await ask(server, begun)["error"] == "authorization_pending")
            let page = try #require(begun["verification_uri_complete"])
            #expect(try await Caller.send(.GET, page).status == 200)
            clock.advance(by: .seconds(5))
            let answer = try await ask(server, begun)
            #expect(answer["scope"] == "read")
            #expect(answer["refresh_token"] != nil)
            #expect(server.issuedTokens().map(\.subject) == ["ann"])
            #expect(try await ask(server, begun)["error"] == "invalid_grant")
            #expect(try await Caller.send(.GET, page).status == 404)
        }
    }

    @Test("a device that asks too soon is told to slow down, and by how much it did not is held against it")
    func slowDown() async throws {
        try await withDeviceServer { server in
            let begun = try await begin(server)
            #expect(try await ask(server, begun)["error"] == "authorization_pending")
            clock.advance(by: .milliseconds(4_999))
            #expect(try await ask(server, begun)["error"] == "slow_down")
            clock.advance(by: .milliseconds(9_999))
            #expect(try await ask(server, begun)["error"] == "slow_down")
            clock.advance(by: .seconds(15))
            #expect(try await ask(server, begun)["error"] == "authorization_pending")
            #expect(server.deviceLogins().map(\.questions) == [4])
            #expect(server.deviceLogins().map(\.slowDowns) == [2])
        }
    }

    @Test(
        "what the person decides, and that nobody does, is told",
        arguments: [("deny", "access_denied"), ("expire", "expired_token"), (nil as String?, "expired_token")]
    )
    func ends(verdict: String?, error: String) async throws {
        try await withDeviceServer { server in
            let begun = try await begin(server)
            if let verdict {
                let body = #"{"verdict": "\#(verdict)", "user_code": "\#(try #require(begun["user_code"]))"}"#
                #expect(try await Caller.send(.POST, server.controlURL + "/device", body: body).status == 204)
                let devices = try await Caller.send(.GET, server.controlURL + "/devices")
                #expect(devices.text.contains(#""verdict":"\#(verdict)""#))
            } else {
                clock.advance(by: .seconds(600))
            }
            #expect(try await ask(server, begun)["error"] == error)
            let late = try await Caller.send(.POST, server.controlURL + "/device", body: #"{"verdict": "approve"}"#)
            #expect(late.status == 404)
        }
    }

    @Test("the interval is as short as a test needs it, stated in whole seconds")
    func interval() async throws {
        try await withDeviceServer { server in
            var policy = LoginPolicy()
            policy.deviceInterval = .milliseconds(100)
            server.setLogins(policy)
            let begun = try await begin(server)
            #expect(begun.members["interval"] == 1)
            _ = try await ask(server, begun)
            clock.advance(by: .milliseconds(100))
            #expect(try await ask(server, begun)["error"] == "authorization_pending")
        }
    }

    @Test("only a client that may is given a code, and only it may ask")
    func strangers() async throws {
        try await withDeviceServer { server in
            #expect(try await begin(server, basic: "machine:secret")["error"] == "unauthorized_client")
            #expect(try await begin(server, basic: "billing:wrong").status == 401)
            let other = try await begin(server, basic: "other:secret")
            server.decideDevice(.approve)
            #expect(try await ask(server, other)["error"] == "invalid_grant")
        }
    }
}
