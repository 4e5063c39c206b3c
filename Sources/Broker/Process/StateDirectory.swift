internal import LinuxHost
internal import Logging
internal import OAuth2
package import TokenStore

/// The daemon's place on the disk: locked by one daemon, with the key and the database in it.
package struct StateDirectory: Sendable {
    package let store: TokenStore
    private let lock: StateLock
    private let database: String

    /// Where it is.
    let path: String

    /// Makes the directory where it is missing, locks it, and opens what is in it.
    ///
    /// - Parameter atWork: what the store calls when a thread begins a piece of its work, and, with nil, when it ends.
    package static func open(
        _ configuration: DaemonConfiguration,
        environment: [String: String],
        atWork: @escaping @Sendable (TokenStore.Activity?) -> Void = { _ in }
    ) throws(StartFailure) -> StateDirectory {
        let directory = configuration.stateDirectory
        let database = "\(directory)/tokenbroker.sqlite"
        let lock: StateLock
        do throws(HostError) {
            try FileSystem.createDirectory(directory, mode: 0o700)
            lock = try StateLock.acquire(directory: directory)
        } catch {
            throw StartFailure(.cannotCreate, "state directory \(directory): \(error)")
        }
        removeLeftovers(in: directory)
        let keys: StateKeys
        do throws(StateKey.Failure) {
            keys = try StateKey.storeKeys(configuration.stateKey, database: database, environment: environment)
        } catch {
            // What a full disk refuses today, a start may have tomorrow: the service manager is to try again.
            let isMade = if case .cannotCreate = error { false } else { true }
            throw StartFailure(isMade ? .configuration : .cannotCreate, error.description)
        }
        do throws(TokenStoreError) {
            return StateDirectory(
                store: try TokenStore.open(path: database, keys: keys, atWork: atWork),
                lock: lock,
                database: database,
                path: directory
            )
        } catch {
            throw StartFailure(.inputOutput, StateKey.description(of: error, with: configuration.stateKey))
        }
    }

    /// Copies on their way to an operator when an earlier run ended.
    private static func removeLeftovers(in directory: String) {
        for name in (try? FileSystem.names(in: directory)) ?? [] where name.hasPrefix(StoreMaintenance.copyPrefix) {
            try? FileSystem.remove("\(directory)/\(name)")
        }
    }

    /// Ends a change of the daemon's own key that an earlier run did not; nothing when there is none.
    func finishRekey(
        _ configuration: DaemonConfiguration,
        environment: [String: String],
        logger: Logger
    ) async {
        let source = configuration.stateKey
        guard StateKey.isRekeyInterrupted(source, environment: environment) else { return }
        do throws(StateKey.Failure) {
            _ = try await StateKey.rekey(source, environment: environment) { keys throws(TokenStoreError) in
                try await store.rekey(to: keys)
            }
            logger.write(.rekeyEnded)
        } catch {
            // The state can be read with both keys; the operator's next try ends it.
            logger.write(.rekeyNotEnded, ["reason": "\(error)"])
        }
    }

    /// What lies on the disk to be given up when it is full.
    func lifeboat(adopting descriptor: Int32?, logger: Logger) -> GrantLifeboat {
        GrantLifeboat(reservePath: "\(path)/reserve", adopting: descriptor, logger: logger)
    }

    /// The grants that could be read; what could not is reported and left where it is.
    func grants(logger: Logger) throws(StartFailure) -> [StoredGrant] {
        let stored: StoredGrants
        do throws(TokenStoreError) {
            stored = try store.grants()
        } catch {
            throw StartFailure(.inputOutput, error.description)
        }
        for row in stored.unreadable {
            logger.write(
                .storedGrantUnreadable,
                ["client": "\(row.client ?? "unknown")", "reason": "\(row.reason.rawValue)"]
            )
        }
        return stored.grants
    }

    /// The tokens that were kept.
    func tokens(alarms: Alarms) throws(StartFailure) -> SealedTokens {
        if let salvage = store.salvage {
            alarms.raise(
                .storeSetAside,
                "the damaged database is now \(salvage.setAsidePath) (\(salvage.damage)); "
                    + "\(salvage.rescuedTokens) tokens and \(salvage.rescuedGrants) refresh tokens were taken over"
                    + (salvage.unreadableGrants.isEmpty
                        ? "" : "; \(salvage.unreadableGrants.count) refresh tokens were lost")
            )
        }
        do throws(TokenStoreError) {
            return try store.sealedTokens()
        } catch {
            throw StartFailure(.inputOutput, error.description)
        }
    }

    /// The database's file.
    package var ownFile: WatchedFile {
        WatchedFile(path: database, consequence: "tokens are not kept over a restart")
    }

    /// Closes the database after its writes; the directory is the next daemon's when the process ends.
    package func close() {
        try? store.close()
    }

    /// As `close`, but waits no longer than `time`: what is not closed is whole, and what is not written is asked for
    /// again.
    package func close(within time: Duration) async {
        let (end, signal) = AsyncStream<Void>.makeStream()
        do throws(HostError) {
            try HostThread.start(named: "close") { [self] in
                close()
                signal.finish()
            }
        } catch {
            return close()
        }
        _ = await end.isOver(within: time)
    }
}
