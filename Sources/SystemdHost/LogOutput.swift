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
    package static func current() -> LogOutput { fatalError() }

    /// A handler that writes there; `identifier` is the program's name in the journal.
    package func handler(identifier: String) -> any LogHandler { fatalError() }
}
