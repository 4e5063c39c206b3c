import TokenLifecycle

/// How much of each kind a walk met.
struct WalkTally {
    var sent = 0
    var taken = 0
    var repeated = 0
    var calledZero = 0
    var expiredOnArrival = 0
    var failures = 0
    var refreshedAhead = 0
    var forced = 0
    var withdrawn = 0
    var answeredWithToken = 0
    var answeredWithFailure = 0
    var stale = 0
    var restarts = 0
    var probed = 0
    var sentOnReport = 0
    var reports: [RejectionOutcome: Int] = [:]
}
