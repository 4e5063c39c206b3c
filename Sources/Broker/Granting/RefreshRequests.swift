internal import Logging
internal import OAuth2
internal import TokenEndpoint
internal import TokenLifecycle
internal import TokenStore

/// Performs token requests that present a refresh token: intent, request, commit, and only then the token is served.
final class RefreshRequests: Sendable {
    private let exchanges: TokenExchanges
    private let journal: GrantJournal
    private let time: TimeSource
    private let jitter: @Sendable () -> Double
    private let logger: Logger

    init(
        exchanges: TokenExchanges,
        journal: GrantJournal,
        time: TimeSource,
        jitter: @escaping @Sendable () -> Double,
        logger: Logger
    ) {
        self.exchanges = exchanges
        self.journal = journal
        self.time = time
        self.jitter = jitter
        self.logger = logger
    }

    /// Performs the request of `generation`, whose turn it is; `finished` is called once the server's part is over.
    ///
    /// It ends the turn, unless a probe is to follow, or the same with the client's next secret, as `trial` goes on. It is
    /// not cancelled: neither a reload nor the daemon's stop may come between a refresh token and its successor.
    func perform(
        _ slot: TokenSlot,
        _ generation: Generation,
        of grant: ClientGrant,
        at origin: String,
        in trial: SecretTrial?,
        finished: @Sendable (TokenRequestOutcome) -> Void
    ) async {
        CrashPoint.turnBegun.reached()
        defer { if !slot.isCurrent(generation) { grant.endTurn(of: slot, generation) } }
        // By a secret that the server refused, with whose end this begins.
        let before = grant.isTurn(of: slot, generation) ? grant.presented : nil
        guard slot.isCurrent(generation) else {
            finished(.notSent)
            return await giveUp(before, trial, of: grant)
        }
        let sent = time.now()
        let url: EndpointURL
        do throws(TokenEndpointFailure) {
            url = try await exchanges.tokenEndpoint(of: slot.configuration)
        } catch {
            finished(.failed(error))
            exchanges.log(error, of: slot)
            await giveUp(before, trial, of: grant)
            return slot.requestFailed(error, generation: generation)
        }
        guard url.origin == origin else {
            finished(.notSent)
            return slot.requestGoesOn(generation, in: trial)
        }
        let credentials: ClientCredentials
        let presentation: Presentation
        do throws(TokenEndpointFailure) {
            credentials = try await exchanges.credentials(of: slot.configuration, at: url, in: trial)
            presentation = try grant.presentation(of: slot, generation).get()
            try await begin(presentation)
        } catch {
            finished(.notSent)
            await giveUp(before, trial, of: grant)
            return slot.requestFailed(error, generation: generation)
        }
        CrashPoint.intentCommitted.reached()
        let request = slot.configuration.tokenRequest(
            .refreshToken(presentation.grant.refreshToken),
            as: credentials.authentication,
            for: slot.id.target
        )
        let exchange = await exchanges.send(
            request,
            to: url,
            for: slot.configuration,
            with: credentials,
            connection: .fresh,
            onSending: { CrashPoint.requestSent.reached() }
        )
        CrashPoint.answerReceived.reached()
        switch exchange.result {
        case .success(let response):
            exchanges.granted(slot.configuration, with: credentials)
            exchanges.count(nil, of: slot, since: sent)
            // The server's part is over; the store's must not keep others from their turn.
            finished(.token)
            await take(response, for: slot, generation, presentation, of: grant, sent: sent)
        case .failure(var failure):
            // A grace window is over before most servers would have us back.
            if failure.failureClass == .unknown, presentation.intent?.attempts == 1 { failure.retryAfter = nil }
            exchanges.count(failure, of: slot, since: sent)
            finished(.failed(failure))
            if let successor = exchange.successor {
                await take(successor, besides: failure, for: slot, generation, presentation, of: grant, sent: sent)
            } else if let next = credentials.trial.next(after: failure, presenting: .refreshToken),
                slot.isCurrent(generation)
            {
                // The refresh token is not spent, and the turn and its intent go on.
                exchanges.log(failure, of: slot)
                slot.requestGoesOn(generation, in: next)
            } else {
                let told = credentials.trial.told(failure, presenting: .refreshToken)
                await fail(told, of: slot, generation, presentation, of: grant)
            }
        }
    }

    private func begin(_ presentation: Presentation) async throws(TokenEndpointFailure) {
        guard let intent = presentation.intent else { return }
        do throws(TokenStoreError) {
            try await journal.begin(intent, of: presentation.grant.id)
        } catch {
            throw TokenEndpointFailure(.transient, .storeNotWritable, words: error.problem)
        }
    }

    /// The request with the next secret is not made: what was presented with the one before is not spent.
    private func giveUp(_ presentation: Presentation?, _ trial: SecretTrial?, of grant: ClientGrant) async {
        guard let presentation, let refusal = trial?.refusal else { return }
        _ = await settle(refusal, presentation, of: grant)
    }

    // MARK: Granted

    private func take(
        _ response: TokenResponse,
        for slot: TokenSlot,
        _ generation: Generation,
        _ presentation: Presentation,
        of grant: ClientGrant,
        sent: Moment
    ) async {
        let verdict = grant.granted(
            response.refreshToken,
            expiringIn: response.refreshTokenExpiresIn,
            for: presentation,
            sent: sent
        )
        guard case .granted(let next) = verdict else { return }
        CrashPoint.answerUnderstood.reached()
        let kept = exchanges.kept(response, for: slot, sent: sent)
        let token = slot.isCurrent(generation) ? slot.stored(kept) : nil
        let isRotated = next.sequence != presentation.grant.sequence
        switch await journal.commit(next, token: token, isRotated: isRotated) {
        case .stored(.held):
            break
        case .stored(let commit):
            logger.write(.lateRefreshToken, ["client": "\(slot.id.client)", "outcome": "\(commit)"])
            return slot.requestFailed(TokenEndpointFailure(.transient, .grantReplaced), generation: generation)
        case .unsaved:
            if isRotated { noteUnsaved(next, of: grant) }
        }
        CrashPoint.rotationCommitted.reached()
        exchanges.log(kept, of: slot)
        slot.tokenReceived(kept, generation: generation)
        CrashPoint.tokenPublished.reached()
    }

    /// The next refresh token came in an answer that is worth nothing else: it is kept, and presented for another.
    private func take(
        _ successor: Secret,
        besides failure: TokenEndpointFailure,
        for slot: TokenSlot,
        _ generation: Generation,
        _ presentation: Presentation,
        of grant: ClientGrant,
        sent: Moment
    ) async {
        let verdict = grant.granted(successor, expiringIn: nil, for: presentation, sent: sent)
        guard case .granted(let next) = verdict else { return }
        let isRotated = next.sequence != presentation.grant.sequence
        if case .unsaved = await journal.commit(next, token: nil, isRotated: isRotated), isRotated {
            noteUnsaved(next, of: grant)
        }
        var failure = failure
        failure.failureClass = .protocol
        exchanges.log(failure, of: slot)
        slot.requestFailed(failure, generation: generation)
    }

    private func noteUnsaved(_ next: RefreshGrant, of grant: ClientGrant) {
        grant.saveFailed(next)
        // The disk may have taken it between the two.
        if !journal.isUnsaved(next) { grant.saved(next) }
    }

    // MARK: Not granted

    private func fail(
        _ failure: TokenEndpointFailure,
        of slot: TokenSlot,
        _ generation: Generation,
        _ presentation: Presentation,
        of grant: ClientGrant
    ) async {
        if failure.failureClass == .unexplainedRefusal, slot.isCurrent(generation) {
            var failure = failure
            failure.unanswered = grant.report().unanswered
            // What it means the probe tells; the turn goes on until then.
            return slot.requestFailed(failure, generation: generation)
        }
        let heard = await settle(failure, presentation, of: grant)
        exchanges.log(heard, of: slot)
        slot.requestFailed(heard, generation: generation)
        if heard.failureClass == .loginRequired { grant.tellRefused(heard) }
    }

    /// The probe after the unexplained `refusal` of `generation` ended.
    func probeEnded(
        _ finding: ProbeFinding,
        after refusal: TokenEndpointFailure,
        of slot: TokenSlot,
        _ generation: Generation,
        of grant: ClientGrant
    ) async {
        guard let presentation = grant.presented else { return slot.probeEnded(finding, generation: generation) }
        var failure = refusal
        failure.failureClass = finding == .sameAnswer ? .loginRequired : .configuration
        let heard = await settle(failure, presentation, of: grant)
        exchanges.log(heard, of: slot)
        slot.probeEnded(finding, generation: generation)
        if heard.failureClass == .loginRequired {
            grant.tellRefused(heard)
        } else if finding == .sameAnswer {
            // The grant before is held again: this slot's refusal was not its own.
            slot.grantChanged()
        }
    }

    /// Nobody will know what an unexplained refusal meant: the server took the refresh token for none that is spent.
    func probeGivenUp(_ presentation: Presentation, of grant: ClientGrant) async {
        _ = await settle(
            TokenEndpointFailure(.configuration, error: AnswerFault.empty.rawValue),
            presentation,
            of: grant
        )
    }

    /// Stores what the failure means for the grant, and gives back what is to be heard of it.
    private func settle(
        _ failure: TokenEndpointFailure,
        _ presentation: Presentation,
        of grant: ClientGrant
    ) async -> TokenEndpointFailure {
        let (verdict, heard) = grant.failed(failure, of: presentation, spread: (jitter() + 1) / 2)
        let id = presentation.grant.id
        switch verdict {
        case .refused(let refusal):
            logger.write(
                .refreshTokenRefused,
                [
                    "client": "\(id.client)", "error": "\(refusal.error)",
                    "unanswered_attempts": "\(refusal.unanswered?.count ?? 0)",
                ]
            )
            if let before = await journal.refuse(presentation.grant, refusal) {
                logger.write(.grantReinstated, ["client": "\(id.client)", "lineage": "\(before.lineage)"])
                grant.reinstated(before, after: id)
                return TokenEndpointFailure(.transient, .grantReplaced)
            }
        case .unspent:
            if let intent = presentation.intent { await journal.endIntent(intent, of: id) }
        case .unknown, .granted:
            break
        }
        return heard
    }
}
