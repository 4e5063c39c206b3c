import LocalAPI
import Testing

/// Who gets a token of whom, with real processes of several users and groups and real units under a real systemd.
@Suite("A policy", .needsRealSystemd, .policyMachine, .serialized, .timeLimit(.minutes(5)))
struct PolicyTableTests {
    @Test("lets through whom it names, and nobody else", arguments: PolicyRow.table)
    func row(_ row: PolicyRow) async throws {
        let machine = try #require(PolicyMachine.shared)
        try await machine.answer(to: row.request, of: row.caller) { answer in
            #expect(answer.status == row.expectation.status)
            #expect(answer.error == row.expectation.error)
            let why = try await machine.why(answer.pid, row.policy)
            #expect(why.allowed == (row.expectation != .denied))
            #expect(why.process.uid == answer.uid)
            // The rule that it names is the first that fits.
            #expect(why.rule == why.rules.first(where: \.fits)?.rule)
            let event = try await machine.latestEvent(of: answer.pid)
            #expect(event.allowed == (row.expectation == .allowed))
            #expect(event.caller.unit == why.process.unit && event.caller.userUnit == why.process.userUnit)
            #expect(event.reason == (row.expectation == .beyond ? "scope_not_allowed" : why.reason))
        }
    }

    @Test("is tried in at least 40 ways, by many callers")
    func size() {
        let ways = Set(PolicyRow.table.map { [$0.policy.rawValue, $0.caller.testDescription, $0.query] })
        #expect(ways.count == PolicyRow.table.count)
        #expect(ways.count >= 40)
        #expect(Set(PolicyRow.table.map(\.policy)).count == Policy.allCases.count)
    }
}
