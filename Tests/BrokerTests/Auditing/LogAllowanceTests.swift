import LinuxHost
import LocalAPI
import Testing

@testable import Broker
@testable import LocalServer

@Suite struct LogAllowanceTests {
    private func subject(
        uid: UInt32,
        _ action: AuditSubject.Action = .fetch,
        _ verdict: AuditSubject.Verdict = .allowed(.allowedByDefault)
    ) -> AuditSubject {
        let peer = PeerIdentity(pid: 1, uid: uid, gid: uid, groups: [])
        let caller = Caller(peer: peer, role: .token, connection: ConnectionID(descriptor: -1, serial: 1))
        return AuditSubject(action, by: caller, unit: .noUnit, client: "billing", verdict: verdict)
    }

    private func take(
        _ count: Int,
        of allowance: inout LogAllowance,
        _ subject: AuditSubject,
        at now: Duration = .zero
    ) -> Int {
        (0..<count).filter { _ in allowance.take(for: subject, at: now) }.count
    }

    @Test func `a user's lines are so many, and come back with time`() {
        var allowance = LogAllowance()
        let (loud, other) = (subject(uid: 7), subject(uid: 8))
        #expect(take(LogAllowance.burst + 50, of: &allowance, loud) == LogAllowance.burst)
        #expect(take(1, of: &allowance, other) == 1)
        let unlogged = [allowance.takeUnlogged(at: .zero), allowance.takeUnlogged(at: .zero)]
        #expect(unlogged.map { $0.map(\.count) } == [[50], []])
        #expect(take(10, of: &allowance, loud, at: .seconds(2)) == 2 * LogAllowance.perSecond)
        // What was given back whole is not kept.
        _ = allowance.takeUnlogged(at: .seconds(10_000))
        #expect(take(LogAllowance.burst + 1, of: &allowance, loud, at: .seconds(10_000)) == LogAllowance.burst)
    }

    @Test func `refusals of all users together are so many, and take nothing from who is allowed`() {
        var allowance = LogAllowance()
        let taken = (0..<10).map { index in
            take(LogAllowance.burst, of: &allowance, subject(uid: 100_000 + index, .fetch, .unknownClient))
        }
        #expect(taken.reduce(0, +) == LogAllowance.burstOfRefusals)
        #expect(take(1, of: &allowance, subject(uid: 8)) == 1)
        #expect(take(1, of: &allowance, subject(uid: 8, .fetch, .unknownClient)) == 0)
        let sources = allowance.takeUnlogged(at: .zero).filter { $0.source == .refusals }
        #expect(sources.map(\.count) == [UInt64(10 * LogAllowance.burst - LogAllowance.burstOfRefusals + 1)])
    }

    @Test func `an operator's command is always told`() {
        var allowance = LogAllowance()
        _ = take(LogAllowance.burst + 1, of: &allowance, subject(uid: 0))
        #expect(take(1, of: &allowance, subject(uid: 0)) == 0)
        #expect(take(10, of: &allowance, subject(uid: 0, .command("rekey"), .operates(.root))) == 10)
        #expect(take(1, of: &allowance, subject(uid: 5, .command("any"), .operatesNot)) == 1)
    }
}
