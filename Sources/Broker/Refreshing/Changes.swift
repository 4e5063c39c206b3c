package import OAuth2
internal import Synchronization

/// Tells who listens that a slot changed; what it changed to is read anew by the listener, so that order does not matter.
package final class Changes: Sendable {
    private let listeners = Mutex<[@Sendable (TokenSlotID) -> Void]>([])

    package init() {}

    /// Adds a listener; it is called on the thread that brought the change and must be quick.
    package func listen(_ listener: @escaping @Sendable (TokenSlotID) -> Void) {
        listeners.withLock { $0.append(listener) }
    }

    /// A new token, or another state.
    func slotChanged(_ id: TokenSlotID) {
        for listener in listeners.withLock({ $0 }) { listener(id) }
    }
}
