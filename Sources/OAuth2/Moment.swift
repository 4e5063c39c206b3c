/// Both clocks, read at one time.
package struct Moment: Sendable, Hashable {
    /// Since the machine started, time asleep included (CLOCK_BOOTTIME).
    package var sinceBoot: Duration

    /// Since 1970-01-01 UTC, as the wall clock has it (CLOCK_REALTIME).
    package var sinceEpoch: Duration

    package init(sinceBoot: Duration, sinceEpoch: Duration) {
        self.sinceBoot = sinceBoot
        self.sinceEpoch = sinceEpoch
    }

    /// The moment `duration` later by both clocks.
    package func advanced(by duration: Duration) -> Moment {
        Moment(sinceBoot: sinceBoot + duration, sinceEpoch: sinceEpoch + duration)
    }
}

/// Names one run of the kernel, so that readings of CLOCK_BOOTTIME are never compared across two.
package struct BootID: Sendable, Hashable {
    package let value: String

    package init(_ value: String) { self.value = value }
}

/// When a token's lifetime began: the moment its request was sent, and in which boot.
package struct Receipt: Sendable, Hashable {
    package var moment: Moment
    package var boot: BootID

    package init(moment: Moment, boot: BootID) {
        self.moment = moment
        self.boot = boot
    }
}
