import LinuxHost
import Testing

@testable import Broker

@Suite struct RejectionBudgetTests {
    private func reporter(_ uid: UInt32, _ cgroup: String? = nil) -> RejectionBudget.Reporter {
        RejectionBudget.Reporter(uid: uid, unit: cgroup.flatMap(SystemdUnit.init(cgroup:)))
    }

    @Test func `six within any hour, and then as many seconds as the first of them has left`() {
        let budget = RejectionBudget()
        let ann = reporter(1)
        for minute in 0..<6 {
            let now: Duration = .seconds(1_000 + 60 * minute)
            #expect(budget.wait(of: ann, now: now) == nil)
            budget.spend(ann, now: now)
        }
        #expect(budget.wait(of: ann, now: .seconds(1_301)) == .seconds(3_299))
        #expect(budget.wait(of: ann, now: .milliseconds(4_599_999)) == .milliseconds(1))
        // One place at a time comes free.
        #expect(budget.wait(of: ann, now: .seconds(4_600)) == nil)
        budget.spend(ann, now: .seconds(4_600))
        #expect(budget.wait(of: ann, now: .seconds(4_601)) == .seconds(59))
    }

    @Test func `users and the system's units have their own, the units that a user makes do not`() {
        let budget = RejectionBudget()
        for _ in 0..<6 { budget.spend(reporter(1, "/system.slice/a.service"), now: .seconds(1)) }
        for _ in 0..<6 { budget.spend(reporter(2), now: .seconds(1)) }
        func mayReport(_ uid: UInt32, _ cgroup: String? = nil) -> Bool {
            budget.wait(of: reporter(uid, cgroup), now: .seconds(2)) == nil
        }
        #expect(!mayReport(1, "/system.slice/a.service"))
        #expect(!mayReport(1, "/system.slice/a.service/below/b.service"))
        #expect(mayReport(1, "/system.slice/b.service"))
        #expect(mayReport(1))
        #expect(mayReport(3, "/system.slice/a.service"))
        #expect(!mayReport(2))
        for unit in ["a.service", "b.service", "run-1.scope"] {
            #expect(!mayReport(2, "/user.slice/user-2.slice/user@2.service/app.slice/\(unit)"))
        }
        #expect(!mayReport(2, "/user.slice/user-2.slice/session-1.scope"))
    }

    @Test func `who has been quiet longest is forgotten when there are too many`() {
        let budget = RejectionBudget()
        for uid in 0..<UInt32(RejectionBudget.maximumReporters) {
            for _ in 0..<6 { budget.spend(reporter(uid), now: .seconds(1 + Int(uid))) }
        }
        let now: Duration = .seconds(3_000)
        for _ in 0..<6 { budget.spend(reporter(0), now: now) }
        for uid in 5_000..<UInt32(5_010) { budget.spend(reporter(uid), now: now) }
        #expect(budget.reporterCount == RejectionBudget.maximumReporters)
        #expect(budget.wait(of: reporter(0), now: now) != nil)
        #expect((1...10).allSatisfy { budget.wait(of: reporter($0), now: now) == nil })
        #expect(budget.wait(of: reporter(11), now: now) != nil)
    }
}
