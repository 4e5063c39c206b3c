internal import LinuxHost
internal import Synchronization

/// How often each caller may have a token replaced by its word that it was refused.
///
/// Reports come on the sockets' one thread, so that nothing comes between the question and the entry.
final class RejectionBudget: Sendable {
    /// A service whose token was revoked is helped by the first; one that is refused time and again has another fault.
    static let maximum = 6

    /// In which the maximum holds, whenever it begins.
    static let period: Duration = .seconds(3_600)

    /// As many as there are connections; beyond, who has been quiet longest is forgotten.
    static let maximumReporters = 4_096

    /// Who counts as one caller.
    ///
    /// Not the process: a caller makes as many of those as it likes, and of units of its own user manager too. A unit of
    /// the system's manager is the operator's to make, so that two of one user do not spend each other's budget.
    struct Reporter: Hashable, Sendable {
        private let uid: UInt32
        private let systemUnit: String?

        init(uid: UInt32, unit: SystemdUnit?) {
            self.uid = uid
            if case .system(let name)? = unit { systemUnit = name } else { systemUnit = nil }
        }
    }

    /// When each had a token replaced within the period, the oldest first, on CLOCK_BOOTTIME.
    private let times = Mutex<[Reporter: [Duration]]>([:])

    /// How long the caller must wait until it may have another token replaced; nil when it may now.
    func wait(of reporter: Reporter, now: Duration) -> Duration? {
        times.withLock { times in
            let recent = (times[reporter] ?? []).filter { now - $0 < Self.period }
            return recent.count < Self.maximum ? nil : recent[recent.count - Self.maximum] + Self.period - now
        }
    }

    /// The caller had a token replaced.
    func spend(_ reporter: Reporter, now: Duration) {
        times.withLock { times in
            if times[reporter] == nil, times.count >= Self.maximumReporters { Self.makeRoom(&times) }
            times[reporter] = Array(((times[reporter] ?? []) + [now]).suffix(Self.maximum))
        }
    }

    /// How many callers are remembered.
    var reporterCount: Int { times.withLock { $0.count } }

    private static func makeRoom(_ times: inout [Reporter: [Duration]]) {
        let quietest = times.min { ($0.value.last ?? .zero) < ($1.value.last ?? .zero) }
        if let quietest { times[quietest.key] = nil }
    }
}
