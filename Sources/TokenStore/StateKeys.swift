package import OAuth2

/// The keys that seal the state: the first seals, all open.
package struct StateKeys: Sendable {
    /// What AES-256 takes.
    package static let byteCount = 32

    let sealing: StateKey
    let opening: [StateKey]

    /// Takes keys of 32 bytes each; `opening` are earlier keys, whose rows are still read.
    package init(sealing: Secret, opening: [Secret] = []) throws(TokenStoreError) {
        for key in [sealing] + opening where key.count != StateKeys.byteCount {
            throw .invalidKey(byteCount: key.count)
        }
        self.sealing = StateKey(sealing)
        self.opening = [self.sealing] + opening.map(StateKey.init)
    }
}
