internal import Synchronization

extension ServerBudgets {
    /// Later than any token's death: lifetimes beyond ten years are cut.
    private static let afterAllDeaths: Duration = .seconds(20 * 365 * 86_400)

    /// What came of waiting for a spare place.
    enum SparePlace: Sendable {
        case place(Place)

        /// The server wants to be left alone for that long.
        case refused(Duration)

        /// The task that waited is cancelled.
        case cancelled
    }

    /// Waits for a place that no token request needs, to be given back by `finished`.
    func sparePlace(at origin: String) async -> SparePlace {
        let wait = SpareWait()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let place = enqueue(
                    nil,
                    origin: origin,
                    deathAt: Self.afterAllDeaths,
                    start: { continuation.resume(returning: .place($0)) },
                    refuse: { continuation.resume(returning: .refused($0)) }
                )
                wait.begin { [self] in
                    if withdraw(place) { continuation.resume(returning: .cancelled) }
                }
            }
        } onCancel: {
            wait.cancel()
        }
    }

}

/// A wait that may be given up before it has begun.
private final class SpareWait: Sendable {
    private struct State {
        var isCancelled = false
        var giveUp: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    func begin(_ giveUp: @escaping @Sendable () -> Void) {
        let isCancelled = state.withLock { state in
            state.giveUp = giveUp
            return state.isCancelled
        }
        if isCancelled { giveUp() }
    }

    func cancel() {
        let giveUp = state.withLock { state in
            state.isCancelled = true
            return state.giveUp
        }
        giveUp?()
    }
}
