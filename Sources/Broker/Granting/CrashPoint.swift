internal import LinuxHost
internal import Synchronization

/// A step of a rotation at which tests let the daemon die as by `kill -9`; in a release build nothing happens there.
///
/// `TOKENBROKER_CRASH_AT=POINT` names it, or `POINT:N` for the N-th time it is reached.
enum CrashPoint: String, Sendable {
    case takeoverCommitted = "takeover_committed"
    case turnBegun = "turn_begun"
    case intentCommitted = "intent_committed"
    case requestSent = "request_sent"
    case answerReceived = "answer_received"
    case answerUnderstood = "answer_understood"
    case rotationCommitted = "rotation_committed"
    case tokenPublished = "token_published"
    case loginCommitted = "login_committed"

    #if DEBUG
        private struct Plan: Sendable {
            let point: CrashPoint
            var countdown: Int
        }

        private static let plan = Mutex(planned(ProcessContext.current.environment["TOKENBROKER_CRASH_AT"]))

        private static func planned(_ text: String?) -> Plan? {
            let parts = (text ?? "").split(separator: ":")
            guard let point = parts.first.flatMap({ CrashPoint(rawValue: String($0)) }) else { return nil }
            return Plan(point: point, countdown: parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
        }

        /// The daemon has come to this point.
        func reached() {
            let isTheEnd = Self.plan.withLock { plan in
                guard plan?.point == self else { return false }
                plan?.countdown -= 1
                return plan?.countdown == 0
            }
            if isTheEnd { CurrentProcess.killItself() }
        }
    #else
        /// Nothing happens.
        @inline(__always) func reached() {}
    #endif
}
