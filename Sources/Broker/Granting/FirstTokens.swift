internal import LocalAPI
internal import Logging
internal import OAuth2
internal import TokenLifecycle
internal import TokenStore

/// Takes first refresh tokens over from where the operator put them, each of them once.
struct FirstTokens: Sendable {
    let store: TokenStore
    let journal: GrantJournal
    let time: TimeSource
    let environment: [String: String]
    let logger: Logger

    /// Called with each grant that began.
    let taken: @Sendable (RefreshGrant) -> Void

    /// Looks whether the first refresh token of `client` is one that was not taken over yet, and takes it over.
    ///
    /// The turn is taken before this returns, so that no slot asks in between.
    func look(at client: Client) {
        guard let grant = client.grant else { return }
        let configuration = client.configuration
        guard !configuration.firstRefreshToken.isEmpty else { return grant.missing(absence(of: configuration, nil)) }
        let token: Secret
        do throws(SecretError) {
            token = try configuration.firstRefreshToken.resolveFirst(environment: environment).secret
        } catch {
            if error.isPassing { client.lookAtFirstTokenAgain() }
            return grant.missing(absence(of: configuration, error))
        }
        let fingerprint = FirstTokenFingerprint(client: configuration.name, token: token)
        guard !store.wasTakenOver(fingerprint) else {
            return grant.missing(TokenEndpointFailure(.loginRequired, .grantLost))
        }
        takeUp(token, fingerprint, of: client, for: grant, isRetaken: false)
    }

    /// Takes the first refresh token over once more, on the operator's word that it was never spent.
    func retake(of client: Client, for grant: ClientGrant) throws(APIError) {
        let name = client.name.value
        guard grant.obstacle != nil else {
            throw APIError(
                .invalidRequest,
                "the client holds a newer refresh token than its first one",
                client: name,
                remedy: "Leave it; what is wrong, `tokenctl status \(name)` tells."
            )
        }
        let token: Secret
        do throws(SecretError) {
            guard !client.configuration.firstRefreshToken.isEmpty else { throw .noneReadable([]) }
            token = try client.configuration.firstRefreshToken.resolveFirst(environment: environment).secret
        } catch {
            throw APIError(
                .clientMisconfigured,
                "the first refresh token cannot be had: \(error.description)",
                client: name,
                remedy: "Put it where refresh_token in [clients.\(name)] says."
            )
        }
        let fingerprint = FirstTokenFingerprint(client: client.name, token: token)
        takeUp(token, fingerprint, of: client, for: grant, isRetaken: true)
    }

    private func absence(of configuration: ClientConfiguration, _ error: SecretError?) -> TokenEndpointFailure {
        if configuration.grant.isOfLogin { return TokenEndpointFailure(.loginRequired, .neverLoggedIn) }
        if store.hasTakenOver(for: configuration.name) { return TokenEndpointFailure(.loginRequired, .grantLost) }
        guard let error else { return TokenEndpointFailure(.loginRequired, .noRefreshToken) }
        return TokenEndpointFailure(
            error.isPassing ? .transient : .configuration,
            .refreshTokenUnreadable,
            words: error.description
        )
    }

    private func takeUp(
        _ token: Secret,
        _ fingerprint: FirstTokenFingerprint,
        of client: Client,
        for grant: ClientGrant,
        isRetaken: Bool
    ) {
        grant.wantTurn(
            for: .change,
            begin: { [self] turn in
                Task {
                    // Much may have happened since somebody looked.
                    if isRetaken ? grant.obstacle != nil : !store.wasTakenOver(fingerprint) {
                        let isTaken = await takeUp(token, fingerprint, of: client.configuration, grant, isRetaken)
                        if !isTaken { client.lookAtFirstTokenAgain() }
                    }
                    grant.endTurn(turn)
                }
            }
        )
    }

    private func takeUp(
        _ token: Secret,
        _ fingerprint: FirstTokenFingerprint,
        of configuration: ClientConfiguration,
        _ grant: ClientGrant,
        _ isRetaken: Bool
    ) async -> Bool {
        // What is in memory alone would be stored after this, and taken for a late answer.
        if journal.hasUnsaved(of: grant.key) { await journal.retryBriefly() }
        guard !journal.hasUnsaved(of: grant.key) else {
            grant.missing(TokenEndpointFailure(.transient, .storeNotWritable))
            return false
        }
        let now = time.now().sinceEpoch
        let isReplacing = grant.hasGrant
        let new = RefreshGrant(
            id: GrantID(client: configuration.name, lineage: .random()),
            refreshToken: token,
            clientID: configuration.clientID,
            tokenEndpoint: configuration.endpoint.url.text,
            firstIssuedAt: now,
            renewedAt: now,
            isRotating: configuration.grantPolicy.isRotating
        )
        do throws(TokenStoreError) {
            try await store.takeUp(new, firstToken: fingerprint, droppingTokens: false, isRetaken: isRetaken)
        } catch {
            // Another client that names the same one was first.
            guard isRetaken || !store.wasTakenOver(fingerprint) else {
                grant.missing(TokenEndpointFailure(.loginRequired, .grantLost))
                return true
            }
            logger.write(.firstTokenNotTaken, ["client": "\(configuration.name)", "reason": "\(error)"])
            grant.missing(TokenEndpointFailure(.transient, .storeNotWritable, words: error.problem))
            return false
        }
        CrashPoint.takeoverCommitted.reached()
        taken(new)
        logger.write(
            isReplacing ? .firstTokenReplaces : .firstTokenTaken,
            ["client": "\(configuration.name)", "lineage": "\(new.id.lineage)"]
        )
        grant.replaced(by: new)
        return true
    }
}
