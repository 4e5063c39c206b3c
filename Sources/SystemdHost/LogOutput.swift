import CSystemd
import FoundationEssentials
package import Logging

/// Where log lines go.
package enum LogOutput: Sendable, Equatable {
    /// To the journal, with structured fields.
    case journal

    /// To standard error, each line with its priority in front, `<6>`, for a service manager that reads it.
    case prioritizedStandardError

    /// To standard error, each line with time and level.
    case standardError

    /// What suits this process: the journal when standard error is its stream.
    package static func current() -> LogOutput {
        let process = ProcessInfo.processInfo
        return choose(
            environment: process.environment,
            standardError: FileIdentity.standardError,
            processID: process.processIdentifier
        )
    }

    static func choose(environment: [String: String], standardError: FileIdentity?, processID: Int32) -> LogOutput {
        // Inherited by every child of a service, so only the file itself tells whether it is still the journal's.
        if let standardError, environment["JOURNAL_STREAM"].flatMap(FileIdentity.init) == standardError {
            return .journal
        }
        return environment["SYSTEMD_EXEC_PID"] == String(processID) ? .prioritizedStandardError : .standardError
    }

    /// A handler that writes there; `identifier` is the program's name in the journal.
    package func handler(identifier: String) -> any LogHandler {
        switch self {
        case .journal: JournalLogHandler(identifier: identifier)
        case .prioritizedStandardError: StandardErrorLogHandler(style: .prioritized)
        case .standardError: StandardErrorLogHandler(style: .plain)
        }
    }
}

/// Which file a descriptor is open on, in the form of `$JOURNAL_STREAM`: device and inode.
struct FileIdentity: Equatable {
    var device: UInt64
    var inode: UInt64

    static var standardError: FileIdentity? {
        var identity = FileIdentity(device: 0, inode: 0)
        return unsafe standard_error_identity(&identity.device, &identity.inode) ? identity : nil
    }
}

extension FileIdentity {
    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else { return nil }
        self.init(device: device, inode: inode)
    }
}
