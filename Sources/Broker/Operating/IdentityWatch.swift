internal import LinuxHost
internal import Logging
internal import Synchronization

/// Sees whether this process can tell of callers what the rules ask, and says so where it cannot.
final class IdentityWatch: Sendable {
    private let view: @Sendable () -> HostView
    private let logger: Logger
    private let standing = Mutex<[String]>([])

    init(view: @escaping @Sendable () -> HostView, logger: Logger) {
        self.view = view
        self.logger = logger
    }

    /// What an operator should know, one sentence each with what to do.
    var warnings: [String] { standing.withLock { $0 } }

    /// Looks anew; what was not so before is logged.
    func look(at clients: ClientDirectory.Snapshot, legacyPeerCheck: Bool) {
        let limits = IdentityLimits(
            clients.clients.mapValues(\.accessPolicy),
            view: view(),
            legacyPeerCheck: legacyPeerCheck
        )
        let before = standing.withLock { standing in
            defer { standing = limits.warnings }
            return standing
        }
        for warning in limits.warnings where !before.contains(warning) {
            logger.write(.rulesCannotBeTold, ["problem": "\(warning)"])
        }
        if limits.warnings.isEmpty, !before.isEmpty {
            logger.write(.rulesCanBeTold)
        }
    }
}
