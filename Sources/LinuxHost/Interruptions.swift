internal import CLinux
internal import Glibc

/// The signals that ask a program to end, caught so that it can put things in order first.
///
/// They stay caught for the rest of the process's life.
package struct Interruptions {
    private let event: Int32

    package init() throws(HostError) {
        event = clinux_catch_ends()
        guard event >= 0 else { throw .last("sigaction") }
    }

    /// To wait on.
    package var number: Int32 { event }

    /// The latest that came.
    package var caught: Int32? {
        let signal = clinux_caught_signal()
        return signal > 0 ? signal : nil
    }

    /// The signal of a pipe that nobody reads.
    package static var brokenPipe: Int32 { SIGPIPE }

    /// Ends the process by `signal`, so that a shell sees what ended it and a script ends too.
    package static func end(by signal: Int32) -> Never { clinux_end_by_signal(signal) }
}
