package import LinuxHost
internal import Diagnosis
internal import OAuth2
internal import TokenEndpoint

extension Daemon {
    /// Reads the configuration and every secret it names; throws what is wrong with either.
    ///
    /// A credential that systemd keeps for the service is not to be seen from an operator's shell, and no mistake. Nor
    /// is a first refresh token that is gone: it is needed once.
    ///
    /// - Parameter view: of the machine's kernel; the rest of it is this process's own, and not the service's.
    package func check(view: HostView = .current()) throws(StartFailure) -> [String] {
        let configuration = try load()
        var checked = CheckedSecrets(environment: context.environment)
        for name in configuration.clientNames {
            guard let client = configuration.clients[name] else { continue }
            let section = (configuration.places[name].map { "\($0): " } ?? "") + "clients.\(name)"
            checked.readCredentials(of: client, section: section)
            if !client.firstRefreshToken.isEmpty {
                checked.read(client.firstRefreshToken, key: "\(section).refresh_token", neededOnce: true)
            }
        }
        let stateKeys =
            switch configuration.daemon.stateKey {
            case .given(let sources): sources
            // The daemon's own key is nothing of the configuration's.
            case .kept: StateKey.passedCredential(context.environment).map { [$0] } ?? []
            }
        checked.readStateKey(stateKeys, key: "\(configurationFile): daemon.state_key")
        guard checked.problems.isEmpty else {
            throw StartFailure(.configuration, checked.problems.joined(separator: "\n"))
        }
        let count = configuration.clients.count
        let limits = IdentityLimits(configuration, view: view).warnings.map { "\(configurationFile): \($0)" }
        return (configuration.warnings.map { "\($0)" } + limits + checked.warnings).map { "warning: \($0)" }
            + ["\(configurationFile) is valid: \(count) \(count == 1 ? "client" : "clients")"]
    }
}

/// What came of reading the secrets that a configuration names.
private struct CheckedSecrets {
    let environment: [String: String]
    private(set) var problems: [String] = []
    private(set) var warnings: [String] = []

    init(environment: [String: String]) { self.environment = environment }

    /// Reads what `client` proves itself with, and looks whether it does.
    mutating func readCredentials(of client: ClientConfiguration, section: String) {
        var isRead = true
        if client.authentication.means == .secret {
            isRead = read(client.secrets, key: "\(section).client_secret")
            if isRead { lookAtEach(of: client.secrets, key: "\(section).client_secret") }
            lookOver(client, section: section)
        }
        for (name, sources) in [("private_key", client.assertion.privateKey), ("certificate", client.certificate)]
        where !sources.isEmpty {
            isRead = read(sources, .document, key: "\(section).\(name)") && isRead
        }
        // Of what cannot be read there is no more to be said.
        guard isRead else { return }
        do throws(TokenEndpointFailure) {
            try client.checkCredentials(environment: environment)
            guard let end = try client.readCertificate(environment: environment)?.expiry(),
                end <= LinuxClock.sinceEpoch()
            else { return }
            warnings.append("\(section).certificate: it expired at \(UTCText.text(end))")
        } catch {
            let key =
                switch error.localFault {
                case .privateKeyUnusable: "private_key"
                case .clientCertificateUnusable: "certificate"
                default: "client_secret"
                }
            problems.append("\(section).\(key): \(error.serverWords ?? error.error)")
        }
    }

    /// Of several secrets each is to take the place of another, and one that is not there is missed only then.
    private mutating func lookAtEach(of secrets: [SecretSource], key: String) {
        for source in secrets where secrets.count > 1 {
            do throws(SecretError) {
                _ = try source.resolve(environment: environment)
            } catch {
                warnings.append(
                    error.mayBeForTheServiceAlone
                        ? "not checked: \(key): \(error)" : "\(key): \(error), so that the others alone are tried"
                )
            }
        }
    }

    /// What can be told of the secrets that are there without asking the server; nothing of what is in them is said.
    private mutating func lookOver(_ client: ClientConfiguration, section: String) {
        let places = Array(client.secrets.indices)
        guard let readable = try? client.readSecrets(at: places, environment: environment) else { return }
        // The rest was said when the configuration was read.
        let said = Set(client.settings().remarks)
        for remark in client.settings(secrets: readable.map(\.secret)).remarks where !said.contains(remark) {
            guard let remedy = remark.remedy else { continue }
            warnings.append("\(section).\(remark.key): \(remark.problem); \(remedy)")
        }
    }

    /// - Parameter neededOnce: whether it may be gone once it was used.
    @discardableResult
    mutating func read(
        _ sources: [SecretSource],
        _ form: SecretForm = .text,
        key: String,
        neededOnce: Bool = false
    ) -> Bool {
        do throws(SecretError) {
            let secret = try sources.resolveFirst(form, environment: environment)
            if let path = secret.fileReadableByOthers {
                warnings.append("\(key): \(path) can be read by others; chmod 600 unless they are meant to")
            }
            return true
        } catch {
            if error.mayBeForTheServiceAlone {
                warnings.append("not checked: \(key): \(error)")
            } else if neededOnce {
                warnings.append("not read: \(key): \(error); fine if it was taken over before")
            } else {
                problems.append("\(key): \(error)")
            }
            return false
        }
    }

    mutating func readStateKey(_ sources: [SecretSource], key: String) {
        do throws(StateKey.Failure) {
            _ = try StateKey.load(.given(sources), database: "", environment: environment)
        } catch {
            if case .unreadable(let reason) = error, reason.mayBeForTheServiceAlone {
                warnings.append("not checked: \(error)")
            } else {
                problems.append("\(key): \(error)")
            }
        }
    }
}
