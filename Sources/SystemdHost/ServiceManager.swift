internal import CSystemd

/// What the service manager is told and what it hands over.
///
/// Every call is harmless where there is none: nothing is sent, no socket is found, no watchdog waits.
package enum ServiceManager {
    /// Sends `states` in one message (sd_notify(3)); nothing without `$NOTIFY_SOCKET`.
    ///
    /// A message that cannot be delivered is dropped: there is no one else to tell.
    package static func notify(_ states: [NotifyState]) { fatalError() }

    /// The sockets that the service manager passed, each checked; none when it passed none.
    ///
    /// Called once, before any thread starts: it takes the variables out of the environment, and the descriptors,
    /// which close on exec, belong to the caller.
    package static func passedSockets() throws(PassedSocketError) -> [PassedSocket] { fatalError() }

    /// How often the watchdog wants to hear from us at the least; nil when none watches.
    ///
    /// Read once, at its first use: that takes the variables out of the environment.
    package static let watchdogInterval: Duration? = nil
}
