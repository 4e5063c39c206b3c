import Foundation
import Testing

@Suite("The real authorization server")
struct RealAuthorizationServerTests {
    @Test("is what it says it is, survives an outage and leaves nothing", .needsRealAuthorizationServer)
    func lifeOfAServer() async throws {
        let server = try await RealAuthorizationServer.start(scheme: .https)
        #expect(server.tokenEndpoint.hasPrefix("https://127.0.0.1:"))
        #expect(try String(contentsOfFile: server.caFile, encoding: .utf8).contains("BEGIN CERTIFICATE"))
        #expect(try await server.introspect("never-issued", as: server.basicClient).active == false)

        try await server.interrupt()
        await #expect(throws: RigFailure.self) { try await server.introspect("any", as: server.basicClient) }
        try await server.resume()
        #expect(try await server.introspect("never-issued", as: server.postClient).active == false)

        try await server.stop()
        #expect(!FileManager.default.fileExists(atPath: server.caFile))
    }

    @Test("runs beside another of its kind", .needsRealAuthorizationServer)
    func twoServers() async throws {
        async let first = RealAuthorizationServer.start(scheme: .http)
        async let second = RealAuthorizationServer.start(scheme: .http)
        let servers = try await [first, second]
        #expect(servers[0].tokenEndpoint != servers[1].tokenEndpoint)
        for server in servers { try await server.stop() }
    }

    @Test(
        "is expected where Debian's packages are",
        arguments: [
            ("NAME=\"Debian GNU/Linux\"\nID=debian\n", true),
            ("ID=ubuntu\nID_LIKE=debian\n", true),
            ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", true),
            ("ID=fedora\nVARIANT_ID=debian\n", false),
            ("ID=\"rhel\"\nID_LIKE='fedora'\n", false),
            ("HOME_URL=\"https://debian/\"\n", false),
            ("", false),
        ]
    )
    func expectation(osRelease: String, isExpected: Bool) {
        #expect(RealAuthorizationServer.isExpected(onSystemDescribedBy: osRelease) == isExpected)
    }
}
