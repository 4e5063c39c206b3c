internal import LinuxHost
internal import LocalAPI
internal import OAuth2
internal import Synchronization
package import TokenStore

/// The operator's work on the store as a whole: other keys, and copies.
package final class StoreMaintenance: Sendable {
    /// Little enough for a connection's buffer, and some thousand system calls for a large database.
    static let chunkByteCount = 64 << 10

    /// How the names of copies begin.
    static let copyPrefix = "backup-"

    private let store: TokenStore
    private let journal: GrantJournal

    /// Where copies are made, on their way out.
    private let directory: String

    /// What the configuration in force says of the state key, with the environment where it may be.
    private let keySource: @Sendable () async -> (source: StateKeySource, environment: [String: String])

    private let isRekeying = Mutex(false)

    package init(
        store: TokenStore,
        journal: GrantJournal,
        directory: String,
        keySource: @escaping @Sendable () async -> (source: StateKeySource, environment: [String: String])
    ) {
        self.store = store
        self.journal = journal
        self.directory = directory
        self.keySource = keySource
    }

    /// Seals everything anew; returns how much that was.
    func rekey() async throws(APIError) -> Int {
        // Two at once would share the daemon's next key, or the later one would name the old key as the newest.
        let isFirst = isRekeying.withLock { isRekeying in
            defer { isRekeying = true }
            return !isRekeying
        }
        guard isFirst else {
            throw APIError(.temporarilyUnavailable, "the state is being sealed anew already", retryAfter: 1)
        }
        defer { isRekeying.withLock { $0 = false } }
        guard !journal.hasUnsaved else { throw unsaved }
        let (source, environment) = await keySource()
        let count: Int?
        do throws(StateKey.Failure) {
            count = try await StateKey.rekey(source, environment: environment) { keys throws(TokenStoreError) in
                // A disk that failed meanwhile may have left one in memory.
                journal.hasUnsaved ? nil : try await store.rekey(to: keys)
            }
        } catch .store(let error) {
            throw APIError(.serverError, "the state was not sealed anew: \(error.problem)", remedy: error.remedy)
        } catch {
            throw APIError(
                .invalidRequest,
                error.description,
                remedy: "Name the new key first in daemon.state_key and the old one after it, then try again."
            )
        }
        guard let count else { throw unsaved }
        return count
    }

    private var unsaved: APIError {
        APIError(
            .temporarilyUnavailable,
            "a refresh token is in memory alone, sealed with the key of now",
            remedy: "Make the disk writable and try again.",
            retryAfter: 5
        )
    }

    /// A copy of the database that is open and has no name any more.
    func backUp() async throws(APIError) -> FileDescriptor {
        let path = "\(directory)/\(Self.copyPrefix)\(GrantLineage.random())"
        do throws(TokenStoreError) {
            try await store.backUp(to: path)
        } catch {
            try? FileSystem.remove(path)
            throw APIError(.serverError, "no backup could be made: \(error.problem)", remedy: error.remedy)
        }
        do throws(HostError) {
            let copy = try FileSystem.openForReading(path)
            try FileSystem.remove(path)
            return copy
        } catch {
            try? FileSystem.remove(path)
            throw APIError(.serverError, "no backup could be made: \(error)")
        }
    }
}
