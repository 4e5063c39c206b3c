import Glibc

/// A wait for what tells nobody when it happens.
package enum Pause {
    /// For so long.
    package static func lasting(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        usleep(UInt32(clamping: seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
    }

    /// Until `condition` holds, looking every few milliseconds; whether it did before `patience` was over.
    package static func until(patience: Duration, _ condition: () throws -> Bool) rethrows -> Bool {
        let deadline = ContinuousClock.now + patience
        while try !condition() {
            guard ContinuousClock.now < deadline else { return false }
            lasting(.milliseconds(2))
        }
        return true
    }
}
