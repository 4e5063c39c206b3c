internal import LocalAPI
internal import Logging
internal import OAuth2
internal import TokenEndpoint
internal import TokenLifecycle
internal import TokenStore

/// From what a person gave to a grant that is held: the code is presented once, and what it brings is stored, then served.
///
/// Neither a reload nor the operator's leaving comes between the two. It counts against no server's budget: a person waits
/// for it, a code lives for a minute, and no two questions of one login are asked at once.
struct LoginRedemption: Sendable {
    let exchanges: TokenExchanges
    let registry: GrantRegistry
    let keeper: TokenKeeper
    let time: TimeSource
    let logger: Logger

    /// What a login came to.
    struct Kept: Sendable {
        var subject: String?
        var previousSubject: String?
        var scope: ScopeSet
        var isRefreshable: Bool
        var notes: [String] = []
    }

    /// Presents `grant` once; it is sent to its end whatever becomes of the calling task.
    func present(
        _ grant: AuthorizationGrant,
        of client: ClientConfiguration
    ) async -> Result<TokenResponse, TokenEndpointFailure> {
        do throws(TokenEndpointFailure) {
            let url = try await exchanges.tokenEndpoint(of: client)
            // A code goes out again with the next secret alone, when the server says that it did not get so far.
            let response = try await exchanges.proving(client, to: url, presenting: grant.kind) {
                credentials throws(TokenEndpointFailure) in
                try await exchanges.send(
                    client.tokenRequest(grant, as: credentials.authentication, for: client.target),
                    to: url,
                    for: client,
                    with: credentials,
                    connection: .fresh,
                    onSending: { CrashPoint.requestSent.reached() }
                ).result.get()
            }
            return .success(response)
        } catch {
            return .failure(error)
        }
    }

    /// Keeps what `response` brought, in the grant's turn: stored, then served; or why it is not kept.
    func keep(
        _ response: TokenResponse,
        sent: Moment,
        issuer: String?,
        of client: Client,
        _ grant: ClientGrant,
        _ wish: LoginWish
    ) async -> Result<Kept, LoginFailure> {
        CrashPoint.answerReceived.reached()
        exchanges.count(nil, of: client.defaultSlot, since: sent)
        let configuration = client.configuration
        let report = grant.report()
        let before = report.grant?.subject
        var notes: [String] = []
        let subject = subject(of: response, issuer, configuration, &notes)
        var account = AccountReplacement.same
        let isKnown = before != nil && subject != nil
        if let before, let subject {
            if !before.isSame(as: subject) { account = .another }
        } else if report.grant != nil {
            notes.append("Whether it is the account of the login before is not known.")
            if wish.isReplacingAccount { account = .unknown }
        }
        // Nor is one taken for it that the server does not name, as it named the one before: whoever leaves the scope
        // openid out of the address could be anybody.
        if let before, account == .another || subject == nil, !wish.isReplacingAccount {
            // What may be the same account's is not revoked: some servers would end with it what is held.
            if account == .another { await giveUp(response, configuration) }
            return .failure(.anotherAccount(found: subject?.shown, held: before.shown))
        }
        if let scope = response.scope, !configuration.target.scope.isEmpty, scope != configuration.target.scope {
            notes.append("The authorization server granted another scope than was asked for.")
        }
        let slot = client.defaultSlot
        let kept = exchanges.kept(response, for: slot, sent: sent)
        var outcome = Kept(
            subject: subject?.shown,
            previousSubject: before?.shown,
            scope: kept.token.scope,
            isRefreshable: true,
            notes: notes
        )
        guard let refreshToken = response.refreshToken else {
            guard account == .same else { return .failure(.notRefreshable) }
            // Beside a grant that serves on it is of no use, and may be another account's.
            if isKnown || grant.obstacle != nil {
                await keeper.save(slot.stored(kept))
                grant.loggedIn(kept, for: configuration.target)
            }
            outcome.isRefreshable = grant.obstacle == nil
            outcome.notes.append(Self.noRefreshToken(configuration, isHeld: outcome.isRefreshable))
            log(outcome, of: configuration)
            return .success(outcome)
        }
        let new = RefreshGrant(
            id: GrantID(client: configuration.name, lineage: .random()),
            refreshToken: refreshToken,
            clientID: configuration.clientID,
            tokenEndpoint: configuration.endpoint.url.text,
            firstIssuedAt: sent.sinceEpoch,
            renewedAt: sent.sinceEpoch,
            statedEnd: response.refreshTokenExpiresIn.map { sent.sinceEpoch + $0 },
            isRotating: configuration.grantPolicy.isRotating,
            subject: subject
        )
        let isStored = await registry.take(
            new,
            kept,
            of: slot,
            replacing: account,
            for: grant
        )
        if !isStored { outcome.notes.append("It is in the daemon's memory alone until the store takes writes again.") }
        if account != .same {
            logger.write(.accountReplaced, ["client": "\(configuration.name)", "lineage": "\(new.id.lineage)"])
        }
        log(outcome, of: configuration)
        return .success(outcome)
    }

    private func log(_ outcome: Kept, of client: ClientConfiguration) {
        logger.write(.loginDone, ["client": "\(client.name)", "refreshable": "\(outcome.isRefreshable)"])
    }

    private func subject(
        of response: TokenResponse,
        _ issuer: String?,
        _ client: ClientConfiguration,
        _ notes: inout [String]
    ) -> LoginSubject? {
        guard let token = response.idToken else { return nil }
        do throws(IDToken.Refusal) {
            return try IDToken.subject(
                of: token,
                issuer: issuer,
                clientID: client.clientID,
                now: time.now().sinceEpoch
            )
        } catch {
            let reason =
                switch error {
                case .malformed: "cannot be read"
                case .issuerDiffers: "is another issuer's"
                case .audienceDiffers: "is for another client"
                case .expired: "was over when it came"
                }
            notes.append("Who logged in is not known: the ID token \(reason).")
            return nil
        }
    }

    private static func noRefreshToken(_ client: ClientConfiguration, isHeld: Bool) -> String {
        if isHeld { return "No refresh token came; the one that is held goes on being used." }
        let way =
            client.provider == .google
            ? "parameters = { prompt = \"consent\" } in the client's section" : "the scope offline_access"
        return
            "No refresh token came, so that another login is needed when the access token ends; ask for one, often by "
            + "\(way)."
    }

    /// Gives back what is not kept, as far as it goes.
    private func giveUp(_ response: TokenResponse, _ client: ClientConfiguration) async {
        guard let token = response.refreshToken else { return }
        _ = try? await exchanges.revoke(token, of: client)
    }
}
