internal import LinuxHost
internal import OAuth2
package import TokenStore

extension StateKey {
    /// Where the daemon's own next key lies while everything is being sealed with it.
    private static func nextPath(_ path: String) -> String { path + ".next" }

    /// The keys of `source`, as the store takes them; with the next one, while a change of keys is not over.
    package static func storeKeys(
        _ source: StateKeySource,
        database: String,
        environment: [String: String]
    ) throws(Failure) -> StateKeys {
        var keys = try load(source, database: database, environment: environment)
        if case .kept(let path) = source, let next = try nextKey(nextPath(path)) { keys.append(next) }
        do throws(TokenStoreError) {
            return try StateKeys(
                sealing: keys[0],
                opening: Array(keys.dropFirst()),
                // A credential that is gone is not to go unnoticed because the key before it is there still. What the
                // operator names is what there is.
                openingAll: source.isKept
            )
        } catch {
            throw .store(error)
        }
    }

    /// Whether a change of the daemon's own key was interrupted; one to the credential is the operator's to try again.
    package static func isRekeyInterrupted(_ source: StateKeySource, environment: [String: String]) -> Bool {
        guard case .kept(let path) = source, passedCredential(environment) == nil else { return false }
        return (try? nextKey(nextPath(path))) != nil
    }

    /// Lets `seal` seal everything with the first of the operator's keys, read anew, or with the credential, or with a new
    /// one of the daemon's own.
    ///
    /// The daemon's own new key is on the disk before anything is sealed with it, and the old one until everything is.
    /// Nil when `seal` returns that, for having changed nothing: the new key is then kept for the next time.
    package static func rekey(
        _ source: StateKeySource,
        environment: [String: String],
        seal: (StateKeys) async throws(TokenStoreError) -> Int?
    ) async throws(Failure) -> Int? {
        let keys: [Secret]
        let credential = source.isKept ? passedCredential(environment) : nil
        switch source {
        case .given:
            keys = try load(source, database: "", environment: environment)
        case .kept(let path):
            let next = nextPath(path)
            if let credential {
                keys = [try key(from: credential, environment)]
            } else if let interrupted = try nextKey(next) {
                // Whether its name has survived so far is not known, and nothing is to be sealed with what a power
                // failure takes.
                try keep(interrupted, at: next)
                keys = [interrupted]
            } else {
                keys = [try make(next)]
            }
        }
        let sealed: Int?
        do throws(TokenStoreError) {
            sealed = try await seal(try StateKeys(sealing: keys[0], opening: Array(keys.dropFirst())))
        } catch {
            throw .store(error)
        }
        guard let count = sealed else { return nil }
        if case .kept(let path) = source {
            do throws(HostError) {
                if credential == nil {
                    try FileSystem.rename(nextPath(path), to: path)
                } else {
                    try FileSystem.remove(path)
                    try FileSystem.remove(nextPath(path))
                }
            } catch {
                throw .cannotCreate(reason: error.description)
            }
        }
        return count
    }

    /// The next key; nil when there is none, or one of another length, with which nothing was ever sealed.
    private static func nextKey(_ path: String) throws(Failure) -> Secret? {
        guard FileSystem.exists(path) else { return nil }
        do throws(Failure) {
            return try key(keptAt: path)
        } catch {
            switch error {
            case .wrongLength, .unreadable(.empty): return nil
            case .unreadable, .readableByOthers, .missingBesideDatabase, .cannotCreate, .store: throw error
            }
        }
    }
}
