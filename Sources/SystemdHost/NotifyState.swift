import CSystemd

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

extension NotifyState {
    /// The form that is sent.
    var assignment: String {
        switch self {
        case .ready: "READY=1"
        case .status(let text): "STATUS=\(NotifyState.oneLine(text))"
        case .stopping: "STOPPING=1"
        case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(monotonic_microseconds())"
        case .watchdog: "WATCHDOG=1"
        case .extendTimeout(let duration): "EXTEND_TIMEOUT_USEC=\(max(0, duration.wholeMicroseconds))"
        }
    }

    /// A line break in a status would begin another assignment.
    private static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 })
        )
    }
}

extension Duration {
    var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : scaled + attoseconds / 1_000_000_000_000
    }
}
