import LocalAPI
import Testing

/// What has to be seen, whatever the README says.
extension FaultCase {
    /// Longer than the longest pause between attempts at what may pass, and less than the shortest at what may not.
    static let longestPassingPause = 100

    func check(_ seen: FaultObservation) {
        let caller = seen.caller
        #expect(caller.status == callersError.httpStatus, "\(name)")
        #expect(caller.error == callersError.rawValue, "\(name)")
        #expect(caller.cause == cause, "\(name)")
        #expect(caller.remedy?.isEmpty == false, "\(name)")
        #expect(caller.retryAfter != nil, "\(name)")
        #expect(seen.isRetryAfterKept == leastRetryAfter.map { _ in true }, "\(name)")
        check(seen.byOperator, state: state, serving: false)
        #expect((seen.cached != nil) == canBeWarm, "\(name)")
        if let cached = seen.cached {
            #expect(cached.callersStatus == 200 && cached.isTokenOfBefore, "\(name)")
            check(cached.byOperator, state: warmState, serving: true)
        }
        #expect(seen.recovery == recovery, "\(name)")
    }

    private func check(_ seen: FaultObservation.Operator, state: ClientState, serving: Bool) {
        #expect(seen.state == state, "\(name)")
        #expect(seen.serving == serving, "\(name)")
        #expect((seen.diesAt != nil) == serving, "\(name)")
        #expect(seen.error == callersError.rawValue, "\(name)")
        #expect(seen.cause == cause, "\(name)")
        #expect(seen.serverStatus == serverStatus, "\(name)")
        #expect(seen.remedy?.isEmpty == false, "\(name)")
        let isSoon = seen.nextAttemptAfter.map { $0 < Self.longestPassingPause }
        #expect(isSoon == (kind == .passing), "\(name)")
    }
}
