package import Logging
internal import Synchronization
internal import OAuth2

/// What is wrong with the broker itself, until it is right again.
package final class Alarms: Sendable {
    /// What can be wrong.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A write to the database failed or takes long; tokens are served, but a restart would ask for them again.
        case storeWriteFailed = "store_write_failed"
        /// A refresh token that the server gave is in memory alone; a stop now would lose it.
        case grantUnsaved = "grant_unsaved"
        /// The database was damaged and set aside; what could be read of it was taken over.
        case storeSetAside = "store_set_aside"
        /// A file that the daemon has open is not at its path any more.
        case fileLost = "file_lost"
        /// The last reload was refused; the configuration before it is in force.
        case reloadRefused = "reload_refused"
    }

    /// An alarm that stands.
    package struct Standing: Sendable, Hashable {
        package let kind: Kind
        /// One sentence with the reason.
        package let message: String
        /// Since when, after 1970-01-01 UTC.
        package let since: Duration
    }

    private let time: TimeSource
    private let logger: Logger
    private let standing = Mutex<[Kind: Standing]>([:])
    private let changed = Mutex<@Sendable () -> Void>({})

    package init(time: TimeSource, logger: Logger) {
        self.time = time
        self.logger = logger
    }

    /// Calls `listener` whenever an alarm is raised or ends, or has another reason.
    func onChange(_ listener: @escaping @Sendable () -> Void) { changed.withLock { $0 = listener } }

    /// Raises the alarm, or renews its reason; logged when it was not standing.
    package func raise(_ kind: Kind, _ message: String) {
        let before = standing.withLock { standing in
            let since = standing[kind]?.since ?? time.now().sinceEpoch
            return standing.updateValue(Standing(kind: kind, message: message, since: since), forKey: kind)
        }
        if before?.message != message { changed.withLock { $0 }() }
        if before == nil { log(kind, message) }
    }

    /// Logs what a standing alarm is about besides.
    func log(_ kind: Kind, _ message: String) {
        logger.write(kind.logMessage, ["alarm": "\(kind.rawValue)", "reason": "\(message)"])
    }

    /// Ends the alarm; logged when it stood.
    package func clear(_ kind: Kind) {
        let stood = standing.withLock { $0.removeValue(forKey: kind) != nil }
        guard stood else { return }
        changed.withLock { $0 }()
        logger.write(.alarmCleared, ["alarm": "\(kind.rawValue)"])
    }

    /// Whether the alarm stands.
    func isStanding(_ kind: Kind) -> Bool { standing.withLock { $0[kind] != nil } }

    /// The alarms that stand, the oldest first.
    package var all: [Standing] {
        standing.withLock { $0.values.sorted { ($0.since, $0.kind.rawValue) < ($1.since, $1.kind.rawValue) } }
    }
}

extension Alarms.Kind {
    /// Each has an id of its own, as its remedy is its own.
    fileprivate var logMessage: LogMessage {
        switch self {
        case .storeWriteFailed: .storeWriteFailed
        case .grantUnsaved: .grantUnsaved
        case .storeSetAside: .storeSetAside
        case .fileLost: .fileLost
        case .reloadRefused: .reloadRefused
        }
    }
}
