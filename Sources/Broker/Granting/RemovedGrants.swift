internal import Diagnosis
internal import Logging
internal import OAuth2
internal import Synchronization
internal import TokenLifecycle
internal import TokenStore

/// Grants of clients that were removed with `revoke_on_removal`: revoked as soon as their servers do it.
///
/// Only the configuration that is gone said so: what is not done when the daemon ends is kept as other removed clients'
/// grants are.
final class RemovedGrants: Sendable {
    private struct Removed {
        let grant: ClientGrant

        /// The client as it was, with which the server is told.
        let configuration: ClientConfiguration
    }

    private struct State {
        var grants: [ClientGrant.Key: Removed] = [:]
        var isRevoking = false

        /// The time since boot before which nothing is tried again.
        var due: Duration = .zero
    }

    /// What became of one.
    private enum Outcome {
        case done
        case notRevoked(TokenEndpointFailure)
    }

    /// A server that does not revoke now is asked again no sooner.
    private static let interval: Duration = .seconds(3_600)

    private let exchanges: TokenExchanges
    private let time: TimeSource
    private let logger: Logger
    private let state = Mutex(State())

    init(exchanges: TokenExchanges, time: TimeSource, logger: Logger) {
        self.exchanges = exchanges
        self.time = time
        self.logger = logger
    }

    /// One more, to be revoked as `configuration` says.
    func add(_ grant: ClientGrant, of configuration: ClientConfiguration) {
        state.withLock { state in
            state.grants[grant.key] = Removed(grant: grant, configuration: configuration)
            state.due = .zero
        }
    }

    /// Those of `inForce` are a client's again, and are not revoked if that is not under way.
    func keep(_ inForce: Set<ClientGrant.Key>) {
        state.withLock { state in state.grants = state.grants.filter { !inForce.contains($0.key) } }
    }

    /// Revokes what there is, when it is time, and has `registry` forget it.
    func revoke(in registry: GrantRegistry) {
        let now = time.now().sinceBoot
        let isDue = state.withLock { state in
            guard !state.isRevoking, !state.grants.isEmpty, state.due <= now else { return false }
            (state.isRevoking, state.due) = (true, now + Self.interval)
            return true
        }
        guard isDue else { return }
        Task {
            await revokeAll(in: registry)
            // What was added in between is not put off.
            state.withLock { $0.isRevoking = false }
            revoke(in: registry)
        }
    }

    private func revokeAll(in registry: GrantRegistry) async {
        var failing: Set<String> = []
        var tried: Set<ClientGrant.Key> = []
        while let (key, removed) = next(besides: tried) {
            tried.insert(key)
            // Thousands of clients of one dead server must not each wait for its silence.
            let origin = exchanges.origin(of: removed.configuration)
            guard !failing.contains(origin) else { continue }
            // In its turn: a rotation under way ends first, so that the newest refresh token is the one that is revoked.
            let outcome = await removed.grant.withTurn { await revoke(removed, in: registry) }
            guard case .notRevoked(let failure) = outcome else { continue }
            if failure.failureClass == .transient || failure.failureClass == .unknown { failing.insert(origin) }
            let explanation = Diagnosis.explain(
                failure,
                client: key.client,
                provider: removed.configuration.spokenProvider
            )
            logger.write(
                .removedNotRevoked,
                [
                    "client": "\(key.client)", "cause": "\(failure.error)",
                    "remedy": "\(explanation.remedy)",
                ]
            )
        }
    }

    private func next(besides tried: Set<ClientGrant.Key>) -> (ClientGrant.Key, Removed)? {
        state.withLock { state in state.grants.first { !tried.contains($0.key) }.map { ($0.key, $0.value) } }
    }

    private func revoke(_ removed: Removed, in registry: GrantRegistry) async -> Outcome {
        let grant = removed.grant
        let report = grant.report()
        // Added again while it waited for its turn; or of a backup, whose original may be another machine's.
        guard isWanted(grant), report.standing != .restored, let held = report.grant else {
            drop(grant)
            return .done
        }
        do {
            let isRevoked = try await exchanges.revoke(held.refreshToken, of: removed.configuration)
            // What it replaced is given up too, as far as it goes.
            for other in registry.relatives(of: grant) {
                _ = try? await exchanges.revoke(other.refreshToken, of: removed.configuration)
            }
            try await registry.forget(grant, because: .noRefreshToken)
            drop(grant)
            logger.write(isRevoked ? .removedRevoked : .removedDeleted, ["client": "\(grant.key.client)"])
        } catch let failure as RevocationFailure {
            return .notRevoked(failure.reason)
        } catch {
            // Revoked or not, it is tried again with what the store still has.
            return .notRevoked(TokenEndpointFailure(.transient, .storeNotWritable, words: "\(error)"))
        }
        return .done
    }

    private func isWanted(_ grant: ClientGrant) -> Bool { state.withLock { $0.grants[grant.key] != nil } }

    private func drop(_ grant: ClientGrant) { state.withLock { $0.grants[grant.key] = nil } }
}
