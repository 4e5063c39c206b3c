internal import LocalAPI
package import Logging
internal import OAuth2
internal import SystemdHost

/// Puts a changed configuration in force, all or nothing, one reload after the other.
package actor Reloader {
    /// More names of clients in one field nobody reads, and ten thousand would be most of a megabyte.
    package static let longestList = 100

    private let file: String
    private let context: ProcessContext
    private let broker: Broker
    private let logger: Logger
    private var inForce: Configuration
    private let applied: @Sendable () -> Void

    /// `applied` is called after each reload that took effect.
    package init(
        file: String,
        context: ProcessContext,
        inForce: Configuration,
        broker: Broker,
        logger: Logger,
        applied: @escaping @Sendable () -> Void
    ) {
        self.file = file
        self.context = context
        self.inForce = inForce
        self.broker = broker
        self.logger = logger
        self.applied = applied
    }

    /// Where the configuration in force says that the state key is.
    var stateKey: StateKeySource { inForce.daemon.stateKey }

    /// Reads the configuration anew; a broken one changes nothing and stays visible until a reload succeeds.
    func reload() -> Result<ReloadDocument, APIError> {
        ServiceManager.notify([.reloading, .status("Reloading the configuration")])
        defer { ServiceManager.notify([.ready, .status(broker.statusLine)]) }
        let configuration: Configuration
        do throws(ConfigurationErrors) {
            configuration = try Configuration.load(file: file, in: context)
        } catch {
            for problem in error.errors {
                logger.write(.configurationRefused, ["problem": "\(problem)"])
            }
            broker.alarms.raise(.reloadRefused, "reload refused: \(error.errors[0])")
            return .failure(
                APIError(
                    .invalidRequest,
                    "the configuration is refused and the one before stays in force:\n\(error)",
                    remedy: "Mend it until `tokenctl check` is content, then reload again."
                )
            )
        }
        for warning in configuration.warnings {
            logger.write(.configurationDoubt, ["problem": "\(warning)"])
        }
        let difference = broker.apply(configuration)
        broker.configurationReloaded()
        broker.alarms.clear(.reloadRefused)
        let restart = configuration.daemon.needsRestart(comparedWith: inForce.daemon)
        for key in restart {
            logger.write(.restartNeeded, ["key": "daemon.\(key)"])
        }
        inForce = configuration
        applied()
        func names(_ clients: [some CustomStringConvertible]) -> String {
            let shown = clients.prefix(Self.longestList).map(\.description).joined(separator: " ")
            return clients.count > Self.longestList ? "\(shown) … (\(clients.count) in all)" : shown
        }
        logger.write(
            .configurationReloaded,
            [
                "added": "\(names(difference.added))", "changed": "\(names(difference.changed))",
                "removed": "\(names(difference.removed))", "unchanged": "\(difference.unchanged.count)",
            ]
        )
        return .success(
            ReloadDocument(
                added: difference.added.map(\.value),
                removed: difference.removed.map(\.value),
                changed: difference.changed.map(\.value),
                unchanged: difference.unchanged.count,
                restartNeeded: restart.map { "daemon.\($0)" }
            )
        )
    }
}

extension DaemonConfiguration {
    /// The keys whose change a running daemon cannot follow.
    fileprivate func needsRestart(comparedWith before: DaemonConfiguration) -> [String] {
        var keys: [String] = []
        if stateDirectory != before.stateDirectory { keys.append("state_directory") }
        if tokenSocket != before.tokenSocket { keys.append("token_socket") }
        if adminSocket != before.adminSocket { keys.append("admin_socket") }
        if stateKey != before.stateKey { keys.append("state_key") }
        if logLevel != before.logLevel { keys.append("log_level") }
        return keys
    }
}
