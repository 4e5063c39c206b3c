import OAuth2
import Synchronization

/// Both clocks, standing until they are moved.
final class ManualClock: Sendable {
    private let reading = Mutex(Moment(sinceBoot: .seconds(1_000), sinceEpoch: .seconds(1_800_000_000)))

    func now() -> Moment { reading.withLock { $0 } }

    func advance(by duration: Duration) { reading.withLock { $0 = $0.advanced(by: duration) } }

    /// Sets the wall clock alone.
    func jumpWall(by duration: Duration) { reading.withLock { $0.sinceEpoch += duration } }

    func setSinceBoot(_ time: Duration) {
        reading.withLock { $0 = $0.advanced(by: time - $0.sinceBoot) }
    }
}
