import FoundationEssentials

/// The machine's wall clock.
enum WallClock {
    static func sinceEpoch() -> Duration { .seconds(Date().timeIntervalSince1970) }
}
