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
        case .status(let text): "STATUS=\(NotifyState.statusText(text))"
        case .stopping: "STOPPING=1"
        case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(monotonic_microseconds())"
        case .watchdog: "WATCHDOG=1"
        case .extendTimeout(let duration): "EXTEND_TIMEOUT_USEC=\(max(0, duration.wholeMicroseconds))"
        }
    }

    /// The service manager drops a message of more than 4,096 bytes as a whole, with the READY=1 that stands in it too.
    static let longestStatus = 2_048

    /// One line, since a line break would begin another assignment, without what a terminal would obey, and cut to its
    /// longest.
    private static func statusText(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            let scalar = LogText.isHidden(scalar) ? " " : scalar
            count += UTF8.width(scalar)
            shown.append(scalar)
            guard count > longestStatus else { continue }
            while count > longestStatus - UTF8.width("…"), let last = shown.popLast() { count -= UTF8.width(last) }
            return String(shown) + "…"
        }
        return String(shown)
    }
}

extension Duration {
    var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : scaled + attoseconds / 1_000_000_000_000
    }
}
