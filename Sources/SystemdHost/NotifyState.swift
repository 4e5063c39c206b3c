/// One assignment of a notification (sd_notify(3)).
package enum NotifyState: Sendable, Equatable {
    /// The service is up, or its reload is over.
    case ready

    /// One line for `systemctl status`.
    case status(String)

    /// The shutdown began.
    case stopping

    /// The reload began; carries the monotonic clock, as `Type=notify-reload` requires.
    case reloading

    /// The service is alive.
    case watchdog

    /// Start, reload or stop needs this much longer, counted from now.
    case extendTimeout(Duration)
}
