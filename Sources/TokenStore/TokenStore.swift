package import OAuth2

/// What survives a restart: the machine's access tokens, sealed, in one SQLite database.
package final class TokenStore: Sendable {
    /// What was found damaged and what of it could be saved, when the store was opened; nil when it was whole.
    package let salvage: SalvageReport?

    init() { fatalError() }

    /// Opens the database at `path`, or makes one there.
    ///
    /// A database of a newer version, of another program or sealed with other keys is refused and left as it is; a
    /// corrupt one is set aside, and what can still be read is copied into a new one (`salvage`).
    package static func open(path: String, keys: StateKeys) throws(TokenStoreError) -> TokenStore { fatalError() }

    /// Reads and opens every token; for the start, as it blocks the calling thread.
    package func tokens() throws(TokenStoreError) -> StoredTokens { fatalError() }

    /// Stores `token` in place of what its slot holds; durable on return.
    package func save(_ token: StoredToken) async throws(TokenStoreError) {}

    /// Notes when a caller last wanted the token of `slot`; nothing for a slot without a stored token.
    package func recordLastAsked(_ slot: TokenSlotID, _ asked: Receipt) async throws(TokenStoreError) {}

    /// Deletes the token of `slot`.
    package func removeToken(_ slot: TokenSlotID) async throws(TokenStoreError) {}

    /// Deletes every token of `client`.
    package func removeTokens(of client: ClientName) async throws(TokenStoreError) {}

    /// Closes the database after the writes under way; later calls throw `closed`.
    package func close() throws(TokenStoreError) {}
}
struct StateKey { init(_ x: Secret) {} }
