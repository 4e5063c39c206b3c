internal import LocalAPI
package import LocalServer
internal import Synchronization

extension Broker {
    /// What the sockets' server calls.
    package var handler: RequestHandler {
        let gate = AccessGate(directory: directory, epoch: surroundings.accessEpoch, trail: trail)
        let tokens = TokenService(directory: directory, gate: gate, waiting: waiting, surroundings: surroundings)
        let rejections = Rejections(gate: gate, budget: rejectionBudget, surroundings: surroundings)
        let operations = Operations(
            version: parts.version,
            directory: directory,
            gate: gate,
            events: eventStreams,
            waiting: waiting,
            watchers: watchers,
            alarms: alarms,
            identity: identity,
            budgets: budgets,
            surroundings: surroundings,
            grants: GrantOperations(
                directory: directory,
                registry: grants,
                exchanges: exchanges,
                maintenance: { [weak self] in self?.maintenance.withLock { $0 } },
                time: parts.time,
                logger: parts.logger
            ),
            logins: logins,
            verifier: TokenVerifier(exchanges: exchanges, budgets: budgets, surroundings: surroundings),
            diagnoser: diagnoser,
            reloading: { [weak self] in
                guard let reload = self?.reload.withLock({ $0 }) else {
                    return .failure(APIError(.temporarilyUnavailable, "the broker is stopping", retryAfter: 1))
                }
                return await reload()
            }
        )
        let router = RequestRouter(
            tokens: tokens,
            rejections: rejections,
            operations: operations,
            operators: operators,
            trail: trail
        )
        return RequestHandler(
            handle: { router.handle($0, caller: $1, responder: $2, answer: &$3) },
            connectionClosed: { [waiting, watchers, trail, eventStreams, logins, diagnoser] connection in
                waiting.connectionClosed(connection)
                watchers.connectionClosed(connection)
                eventStreams.connectionClosed(connection)
                logins.connectionClosed(connection)
                diagnoser.connectionClosed(connection)
                trail.connectionClosed(connection)
            },
            writerDiffered: { [trail] caller, writer in trail.recordForeignWriter(writer, of: caller) }
        )
    }
}
