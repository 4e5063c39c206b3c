internal import Synchronization

/// Counts the changes of who may use what, so that a decision can be known to stand.
package final class AccessEpoch: Sendable {
    private let changes = Atomic<UInt64>(0)

    package init() {}

    /// To be read before something is decided; the decision stands while it is the same.
    var number: UInt64 { changes.load(ordering: .acquiring) }

    /// Something changed that decisions are made by; to be called once it can be seen.
    func advance() { changes.add(1, ordering: .releasing) }
}
