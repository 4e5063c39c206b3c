internal import LinuxHost
package import OAuth2
internal import SystemdHost
package import TokenStore

/// The keys that seal the database.
package enum StateKey {
    /// AES-256.
    package static let byteCount = 32

    /// The credential that seals in place of the daemon's own key, where systemd passes it.
    package static let credential = "tokenbroker.state-key"

    /// Why there is no key.
    package enum Failure: Error, Sendable, CustomStringConvertible {
        case unreadable(SecretError)
        case readableByOthers(path: String)
        case wrongLength(source: String, found: Int)
        case missingBesideDatabase(key: String, database: String)
        case cannotCreate(reason: String)

        /// The store does not take the keys.
        case store(TokenStoreError)

        package var description: String {
            switch self {
            case .unreadable(let error):
                "the state key: \(error)"
            case .readableByOthers(let path):
                "the state key in \(path) can be read by others: chmod 600 \(path)"
            case .wrongLength(let source, let found):
                "the state key from \(source) has \(found) bytes and must have \(StateKey.byteCount): "
                    + "restore the right one, or for a new state directory make one with `head -c 32 /dev/urandom`"
            case .missingBesideDatabase(let key, let database):
                "\(database) exists, and its key does not, neither the credential \(StateKey.credential) nor \(key): "
                    + "restore the key, or move the database away to start with an empty one"
            case .cannotCreate(let reason):
                "the state key: \(reason)"
            case .store(let error):
                "\(error)"
            }
        }
    }

    /// Reads the operator's keys in their order, or the credential, or the daemon's own, which is made together with a new
    /// database.
    ///
    /// A key is never made where a database exists, because it could not open it.
    package static func load(
        _ source: StateKeySource,
        database: String,
        environment: [String: String]
    ) throws(Failure) -> [Secret] {
        switch source {
        case .kept(let path):
            guard let credential = passedCredential(environment) else {
                return [try loadOrMake(path, database: database)]
            }
            let sealing = try key(from: credential, environment)
            // Of a state from before the credential.
            return FileSystem.exists(path) ? [sealing, try key(keptAt: path)] : [sealing]
        case .given(let sources):
            var keys: [Secret] = []
            for source in sources { keys.append(try key(from: source, environment)) }
            return keys
        }
    }

    /// The credential that seals when nothing is configured; nil where systemd passes none.
    static func passedCredential(_ environment: [String: String]) -> SecretSource? {
        guard let path = CredentialsDirectory.path(of: credential, in: environment), FileSystem.exists(path) else {
            return nil
        }
        return .credential(credential)
    }

    /// Why the store is not opened with the keys of `source`; which key it misses when that is the reason.
    static func description(of error: TokenStoreError, with source: StateKeySource) -> String {
        guard case .wrongKey(let database) = error, case .kept(let path) = source else { return error.description }
        return "\(database) is sealed with another state key than there is: restore the credential \(credential) or "
            + "\(path) that it was sealed with, or move the database away to start with an empty one"
    }

    static func key(from source: SecretSource, _ environment: [String: String]) throws(Failure) -> Secret {
        let resolved: ResolvedSecret
        do throws(SecretError) {
            resolved = try source.resolve(.bytes, environment: environment)
        } catch {
            throw .unreadable(error)
        }
        if let path = resolved.fileReadableByOthers { throw .readableByOthers(path: path) }
        guard resolved.secret.count == byteCount else {
            throw .wrongLength(source: source.description, found: resolved.secret.count)
        }
        return resolved.secret
    }

    private static func loadOrMake(_ path: String, database: String) throws(Failure) -> Secret {
        if FileSystem.exists(path) { return try key(keptAt: path) }
        guard !FileSystem.exists(database) else { throw .missingBesideDatabase(key: path, database: database) }
        return try make(path)
    }

    /// The daemon's own key.
    static func key(keptAt path: String) throws(Failure) -> Secret { try key(from: .file(path), [:]) }

    /// Makes a key of the daemon's own.
    static func make(_ path: String) throws(Failure) -> Secret {
        let key: Secret
        do throws(HostError) {
            var bytes = try SystemRandom.bytes(byteCount)
            key = Secret(wiping: &bytes, isKey: true)
        } catch {
            throw .cannotCreate(reason: error.description)
        }
        try keep(key, at: path)
        return key
    }

    /// Writes a key of the daemon's own, durably; a crash leaves all of it or nothing, as with a part no daemon starts.
    static func keep(_ key: Secret, at path: String) throws(Failure) {
        var bytes = key.exposedBytes()
        defer { bytes.wipe() }
        do throws(HostError) {
            try FileSystem.replace(path, mode: 0o600, contents: bytes)
        } catch {
            throw .cannotCreate(reason: error.description)
        }
    }
}
