/// Which connection a request goes on.
package enum ConnectionUse: Sendable, Hashable, CaseIterable {
    /// One that other requests used or will use, where there is one.
    case pooled

    /// A new one, for this request alone, which is then closed; for what may be presented only once.
    ///
    /// A pooled one may have been closed by the server just when the request is written, and nobody can tell whether
    /// it was read. A request on a fresh one is also not cancelled with its task: once it is sent, the answer is the
    /// only copy of what it brings.
    case fresh
}
