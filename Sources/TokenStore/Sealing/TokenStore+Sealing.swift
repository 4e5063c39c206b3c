import Foundation
import GRDB
package import OAuth2

extension TokenStore {
    /// Seals a grant for a place outside the database: what is returned opens only with one of the store's keys.
    ///
    /// - Parameter account: Whose place it takes, where a login brought it.
    package func sealed(
        _ grant: RefreshGrant,
        token: StoredToken?,
        replacing account: AccountReplacement = .same
    ) throws(TokenStoreError) -> [UInt8] {
        do {
            return Array(try SealedGrant.seal(grant, token: token, replacing: account, with: keys.sealing))
        } catch { throw TokenStoreError(error, path: path) }
    }

    /// Opens what `sealed` returned; nil when it was altered or cut, or another key sealed it.
    package func opened(
        _ bytes: [UInt8]
    ) -> (grant: RefreshGrant, token: StoredToken?, account: AccountReplacement)? {
        SealedGrant.open(Data(bytes), keys: keys)
    }

    /// Seals every row anew with `newKeys.sealing`, in one transaction, and uses `newKeys` from then on.
    ///
    /// Rows are opened with the keys so far or the new ones; `unreadableRows`, and nothing is changed, when some cannot
    /// be. Returns how many were sealed. What `sealed` returned before opens no more, unless the new keys open it. An
    /// error that comes from the disk leaves open which keys hold after a crash: keep both until it succeeded.
    package func rekey(to newKeys: StateKeys) async throws(TokenStoreError) -> Int {
        try await write { [path] database, keys in
            try Rekeying.sealAll(database, with: newKeys.sealing, opening: newKeys.adding(keys), path: path)
        } afterwards: { [self] database, _ in
            use(newKeys)
            // The log still holds old seals. While someone reads the database it stays, until the store is closed.
            _ = try? database.checkpoint(.truncate)
        }
    }
}
