import LinuxHost
import LocalServer
import Testing

@Suite("Rules that look at units")
struct UnitRuleTests {
    @Test("count for who connected before them, from their first request on, and for nobody before they are there")
    func reload() async throws {
        try await withServer { fixture in
            let early = try Client(fixture.path)
            try early.send("GET /hold/1 HTTP/1.1\r\n\r\n")
            let before = try await fixture.nextHeld()
            #expect(before.caller.unit == .unknown(.notLookedAt))
            // The rules may be in force before the server hears of them.
            let found = before.caller.decidingUnit
            #expect(found != .unknown(.notLookedAt))
            #expect(before.caller.identified().decidingUnit == found)
            before.responder.send(.text("one"))
            #expect(try early.receiveAnswer().body == "one")

            fixture.server.setNamedCallers(LocalServer.NamedCallers(needsUnit: true))
            try early.send("GET /hold/2 HTTP/1.1\r\n\r\n")
            let after = try await fixture.nextHeld()
            let late = try Client(fixture.path)
            try late.send("GET /hold/3 HTTP/1.1\r\n\r\n")
            let fresh = try await fixture.nextHeld()
            // Kernels before 6.5 cannot say; what they say of a new connection holds for an old one.
            #expect(after.caller.unit == fresh.caller.unit)
            #expect(after.caller.decidingUnit == after.caller.unit && found == fresh.caller.unit)
            #expect(after.caller.unit != .unknown(.notLookedAt))
            #expect(after.caller.connection == before.caller.connection)
            for held in [after, fresh] { held.responder.send(.text("two")) }
            #expect(try early.receiveAnswer().body == "two")
        }
    }
}
