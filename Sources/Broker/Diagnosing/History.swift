internal import Diagnosis
internal import LocalAPI
internal import OAuth2
internal import TokenLifecycle

extension Client {
    /// What a diagnosis begins with: the failure that stands, or that of the latest login; nil when nothing failed, or
    /// all has worked since.
    func symptom() -> Symptom? {
        let standing = ClientReport(self).leading.report.lastFailure
        if let login = failedLogin, standing.map({ isOlder($0, than: login) }) ?? !isOver(login) {
            return Symptom(provider: configuration.spokenProvider, grant: login.grant, failure: login.failure)
        }
        guard let standing else { return nil }
        let grant = configuration.grant
        return Symptom(
            provider: configuration.spokenProvider,
            grant: grant.isKept ? .refreshToken : grant,
            failure: standing.failure
        )
    }

    private func isOlder(_ standing: ReportedFailure, than login: FailedLogin) -> Bool {
        Self.wantsGrant(standing.failure.localFault) || standing.at.sinceBoot <= login.at.sinceBoot
    }

    /// That there is no grant, the login that failed explains, whenever that is found; of other faults of ours it tells
    /// nothing.
    private static func wantsGrant(_ fault: LocalFault?) -> Bool {
        switch fault {
        case .noRefreshToken, .neverLoggedIn, .loginNotRefreshable, .loggedOut, .grantLost, .grantRestored: true
        case .secretUnreadable, .privateKeyUnusable, .caFileUnusable, .clientCertificateUnusable, .metadataNotFound,
            .metadataUnavailable, .metadataUnusable, .issuerMismatch, .serverPaused, .tokenExpiredOnArrival,
            .refreshTokenUnreadable, .grantReplaced, .storeNotWritable, nil:
            false
        }
    }

    /// Whether the grant that was to be replaced has brought a token since.
    private func isOver(_ login: FailedLogin) -> Bool {
        surroundings.choices.proofs.proof(of: name).map { $0.at.sinceBoot > login.at.sinceBoot } ?? false
    }

    /// What is known of the client without asking anybody: of its configuration, its secrets and its history.
    ///
    /// - Parameter tokenEndpoint: Where its token requests go, when an issuer said so.
    func observations(tokenEndpoint: EndpointURL? = nil) -> [Observation] {
        let places = Array(configuration.secrets.indices)
        let readable = try? configuration.readSecrets(at: places, environment: surroundings.environment)
        let secrets = readable?.map(\.secret) ?? []
        let settings = configuration.settings(secrets: secrets, tokenEndpoint: tokenEndpoint)
        return settings.observations + History(self, secrets: secrets).observations
    }
}

/// What the daemon knows of a client's past.
struct History {
    private let configuration: ClientConfiguration
    private let proof: ClientProofs.Proof?
    private let hasSameSecret: Bool?
    private let holdsToken: Bool
    private let grant: GrantReport?
    private let login: FailedLogin?
    private let failure: TokenEndpointFailure?
    private let now: Duration

    /// Clocks that differ by no more trouble no server: the strictest of which it is known lets as much pass.
    private static let clockTolerance: Duration = .seconds(10)

    init(_ client: Client, secrets: [Secret]) {
        configuration = client.configuration
        let proofs = client.surroundings.choices.proofs
        proof = proofs.proof(of: client.name)
        hasSameSecret = proof?.secret.flatMap { stamp in
            secrets.isEmpty ? nil : secrets.contains { proofs.stamp($0) == stamp }
        }
        holdsToken = client.slots.contains { $0.memory().kept != nil }
        grant = client.grant?.report()
        login = client.failedLogin
        failure = client.symptom()?.failure
        now = client.surroundings.time.now().sinceEpoch
    }

    var observations: [Observation] { work + secret + refreshToken + code + chain + clocks }

    // MARK: Whether it ever worked

    private var work: [Observation] {
        if let proof, proof.clientID != configuration.clientID {
            return [
                Observation(
                    .identifierChanged,
                    "The client_id was \(proof.clientID) when a token was last granted, at \(text(proof.at.sinceEpoch))."
                )
            ]
        }
        if let proof {
            return [Observation(.workedBefore, "A token was granted at \(text(proof.at.sinceEpoch)).")]
        }
        if holdsToken {
            return [Observation(.workedBefore, "A token that was granted before the daemon started is held.")]
        }
        if let held = grant?.grant, hasWorked(held) {
            return [Observation(.workedBefore, "The refresh token was renewed at \(text(held.renewedAt)).")]
        }
        return [
            Observation(.neverWorked, "No token was granted since the daemon started, and none is held from before.")
        ]
    }

    private func hasWorked(_ held: RefreshGrant) -> Bool { held.sequence > 1 || held.renewedAt > held.firstIssuedAt }

    private var secret: [Observation] {
        guard let proof, proof.clientID == configuration.clientID, let hasSameSecret else { return [] }
        let time = text(proof.at.sinceEpoch)
        return hasSameSecret
            ? [
                Observation(
                    .secretUnchanged,
                    "The secret with which a token was granted at \(time) is still configured."
                )
            ]
            : [Observation(.secretChanged, "The secret is another than when a token was granted at \(time).")]
    }

    // MARK: What it presents

    private var refreshToken: [Observation] {
        guard let grant, let held = grant.grant else { return [] }
        let refusal: GrantRefusal? = if case .refused(let refusal)? = grant.standing { refusal } else { nil }
        let at = refusal?.at ?? now
        var found: [Observation] = []
        if let lifetime = configuration.refreshTokenLifetime, held.firstIssuedAt + lifetime <= at {
            let begin = "The grant was first issued at \(text(held.firstIssuedAt))"
            found.append(Observation(.refreshTokenOverAge, "\(begin), and lives for \(seconds(lifetime))."))
        } else if let end = held.statedEnd, end <= at {
            found.append(
                Observation(.refreshTokenOverAge, "The refresh token ended at \(text(end)), by the server's own word.")
            )
        }
        if let idle = configuration.refreshTokenIdle, held.renewedAt + idle <= at {
            let use = "The refresh token was last used at \(text(held.renewedAt))"
            found.append(Observation(.refreshTokenIdle, "\(use), and lives for \(seconds(idle)) unused."))
        }
        if let unanswered = refusal?.unanswered ?? grant.unanswered {
            found.append(
                Observation(
                    .refreshTokenUnanswered,
                    "The refresh token was presented \(unanswered.count == 1 ? "once" : "\(unanswered.count) times") since "
                        + "\(text(unanswered.since)) without an answer."
                )
            )
        }
        if configuration.grant == .refreshToken, !hasWorked(held) {
            found.append(
                Observation(
                    .refreshTokenNeverWorked,
                    "Nothing was granted yet for the refresh token that was taken over."
                )
            )
        }
        return found
    }

    private var code: [Observation] {
        guard let login, login.grant == .authorizationCode else { return [] }
        var found: [Observation] = []
        let lifetime = Self.codeLifetime(of: configuration.spokenProvider)
        if let age = login.codeAge, age <= lifetime {
            let age = seconds(max(age, .seconds(1)))
            found.append(Observation(.codeFresh, "The code was presented \(age) after the login began."))
        } else if let age = login.codeAge {
            found.append(
                Observation(
                    .codeOverAge,
                    "The code was presented \(seconds(age)) after the login began, and is good for \(seconds(lifetime))."
                )
            )
        }
        if let count = login.failure.refusedSecrets, count > 1 {
            found.append(
                Observation(
                    .codePresentedBefore,
                    "The code was presented \(count) times, each time with another secret."
                )
            )
        } else if login.codeAge != nil {
            found.append(Observation(.codePresentedOnce, "The code was presented once."))
        }
        return found
    }

    /// How long a code is good; RFC 6749 §4.1.2 recommends ten minutes at most.
    private static func codeLifetime(of provider: Provider) -> Duration {
        switch provider {
        case .cognito, .okta: .seconds(300)
        case .keycloak: .seconds(60)
        case .salesforce: .seconds(900)
        case .generic, .entra, .google, .auth0, .github, .slack: .seconds(600)
        }
    }

    private var chain: [Observation] {
        if let first = failure?.precededBy {
            return [
                Observation(
                    .firstErrorOfChain,
                    "The first answer to the refresh token was \(first.error), at \(text(first.at)); what it is refused with "
                        + "now came after."
                )
            ]
        }
        guard let login, let count = login.failure.refusedSecrets, count > 1 else { return [] }
        return [Observation(.firstErrorOfChain, "\(login.failure.error) was the first answer to the code.")]
    }

    // MARK: When

    private var clocks: [Observation] {
        guard let skew = failure?.clockSkew else { return [] }
        if abs(skew.components.seconds) <= Self.clockTolerance.components.seconds {
            return [Observation(.clocksAgree, "The server's clock and this machine's agree to within 10 s.")]
        }
        return skew > .zero
            ? [Observation(.clockBehind, "This machine's clock is \(seconds(skew)) behind the server's.")]
            : [Observation(.clockAhead, "This machine's clock is \(seconds(.zero - skew)) ahead of the server's.")]
    }

    private func text(_ time: Duration) -> String { UTCText.text(time) }

    private func seconds(_ duration: Duration) -> String { DurationText.text(duration) }
}
