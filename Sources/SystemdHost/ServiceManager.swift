import CSystemd

/// What the service manager is told and what it hands over.
///
/// Every call is harmless where there is none: nothing is sent, no socket is found, no watchdog waits.
package enum ServiceManager {
    /// Sends `states` in one message (sd_notify(3)); nothing without `$NOTIFY_SOCKET`.
    ///
    /// A message that cannot be delivered is dropped: there is no one else to tell. The variable stays in the
    /// environment, as libsystemd reads it at every message; `NotifyAccess=main` keeps children from speaking for us.
    package static func notify(_ states: [NotifyState]) {
        guard !states.isEmpty else { return }
        _ = unsafe sd_notify(0, states.map(\.assignment).joined(separator: "\n"))
    }

    /// The sockets that the service manager passed, each checked; none when it passed none.
    ///
    /// Called once, before any thread starts: it takes the variables out of the environment, and the descriptors,
    /// which close on exec, belong to the caller.
    package static func passedSockets() throws(PassedSocketError) -> [PassedSocket] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = unsafe sd_listen_fds_with_names(1, &names)
        guard count >= 0 else { throw .malformedEnvironment(errno: -count) }
        defer { unsafe free(names) }
        var found: [(name: String, descriptor: Int32)] = []
        for index in 0..<count {
            let name = unsafe names?[Int(index)]
            unsafe found.append((name.map { unsafe String(cString: $0) } ?? "", SD_LISTEN_FDS_START + index))
            unsafe free(name)
        }
        var sockets: [PassedSocket] = []
        for (name, descriptor) in found { sockets.append(try PassedSocket(name: name, descriptor: descriptor)) }
        return sockets
    }

    /// How long the watchdog waits before it kills; a beat every half of it keeps it away. Nil when none watches.
    ///
    /// Read once, at its first use, which belongs before any thread starts: it takes the variables out of the
    /// environment.
    package static let watchdogInterval: Duration? = takeWatchdogInterval()

    static func takeWatchdogInterval() -> Duration? {
        var microseconds: UInt64 = 0
        guard unsafe sd_watchdog_enabled(1, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }
}
