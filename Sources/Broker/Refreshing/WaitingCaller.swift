package import TokenLifecycle

/// A caller whose answer is not there yet.
package struct WaitingCaller: Sendable {
    /// How a wait ends; every wait ends once.
    package enum End: Sendable {
        case outcome(FetchOutcome)
        case timeOver
        case hungUp
        /// The broker stops.
        case stopping
    }

    package let id: WaiterID

    /// When the caller's patience ends, on CLOCK_BOOTTIME.
    package let deadline: Duration

    /// Whether it is an operator who asked for a refresh, whatever the client's rules say.
    let isOperator: Bool

    let timer: DeadlineTimer
    private let end: @Sendable (End) -> Void

    /// `end` is called once, on whichever thread brings the end.
    package init(
        id: WaiterID,
        deadline: Duration,
        isOperator: Bool = false,
        timer: DeadlineTimer,
        end: @escaping @Sendable (End) -> Void
    ) {
        self.id = id
        self.deadline = deadline
        self.isOperator = isOperator
        self.timer = timer
        self.end = end
    }

    func finish(_ end: End) {
        timer.cancel()
        self.end(end)
    }
}
