internal import Diagnosis
internal import LocalAPI
internal import OAuth2
internal import Synchronization
internal import TokenLifecycle

/// Asks authorization servers, for an operator, what they say of the tokens that are held (RFC 7662).
///
/// Nothing is done about the answers: a grant ends by the answer to a token request alone.
final class TokenVerifier: Sendable {
    /// An operator's patience; what is not known by then is told as that.
    static let patience: Duration = .seconds(30)

    /// Few enough that a server's budget is left to token requests.
    static let requestsPerServer = 2

    /// Enough connections beside those of token requests, with thousands of clients of as many servers.
    static let serversAtOnce = 16

    /// No server takes as long for a look at what it has, and nobody's turn is held up for longer.
    static let longestAnswer: Duration = .seconds(10)

    /// What was found out about one client.
    struct Findings: Sendable {
        var accessTokens: [TokenTarget: TokenVerification] = [:]
        var refreshToken: TokenVerification?

        /// When it was found, by the wall clock.
        var checkedAt: Duration = .zero

        /// Of the slots in this order the first that the server has no good word for, else the first that it knows.
        func worst(of targets: [TokenTarget]) -> TokenVerification? {
            let found = targets.compactMap { accessTokens[$0] }
            return found.first { $0.active == false } ?? found.first(where: \.isDoubtful)
                ?? found.first { $0.active != nil } ?? found.first
        }
    }

    private struct Question: Sendable {
        enum Subject: Sendable {
            case accessToken(TokenSlot, Secret)
            case refreshToken(ClientGrant, Secret)
        }

        let client: Client
        let subject: Subject
    }

    private let exchanges: TokenExchanges
    private let budgets: ServerBudgets
    private let surroundings: Surroundings
    private let isAtWork = Mutex(false)

    init(exchanges: TokenExchanges, budgets: ServerBudgets, surroundings: Surroundings) {
        self.exchanges = exchanges
        self.budgets = budgets
        self.surroundings = surroundings
    }

    /// What the servers of `clients` say of their tokens; one such inquiry at a time.
    func verify(_ clients: [Client]) async throws(APIError) -> [ClientName: Findings] {
        let wasAtWork = isAtWork.withLock { isAtWork in
            defer { isAtWork = true }
            return isAtWork
        }
        guard !wasAtWork else {
            throw APIError(
                .tooManyRequests,
                "the authorization servers are being asked for another operator",
                remedy: "Try again in half a minute.",
                retryAfter: 1
            )
        }
        defer { isAtWork.withLock { $0 = false } }
        let questions = clients.flatMap { self.questions(of: $0) }
        let work = Task { await self.answers(questions) }
        let timer = surroundings.deadlines.timer { work.cancel() }
        timer.set(at: surroundings.time.now().sinceBoot + Self.patience)
        let answers = await work.value
        timer.cancel()
        return findings(clients, questions, answers)
    }

    private func findings(
        _ clients: [Client],
        _ questions: [Question],
        _ answers: [Int: TokenVerification]
    ) -> [ClientName: Findings] {
        let now = surroundings.time.now().sinceEpoch
        var findings: [ClientName: Findings] = [:]
        for client in clients {
            let cached = client.defaultSlot.id.target
            findings[client.name] = Findings(accessTokens: [cached: .noToken(of: client.name)], checkedAt: now)
        }
        for (index, question) in questions.enumerated() {
            let answer = answers[index] ?? .notChecked(of: question.client.name)
            switch question.subject {
            case .accessToken(let slot, _): findings[question.client.name]?.accessTokens[slot.id.target] = answer
            case .refreshToken: findings[question.client.name]?.refreshToken = answer
            }
        }
        return findings
    }

    /// What is held and should be good; of what a server refused already nothing more is to be heard.
    private func questions(of client: Client) -> [Question] {
        var questions = client.slots.compactMap { slot -> Question? in
            let report = slot.report()
            guard report.serving, slot === client.defaultSlot || report.isWarm, let kept = slot.memory().kept else {
                return nil
            }
            return Question(client: client, subject: .accessToken(slot, kept.token.value))
        }
        if let grant = client.grant {
            let report = grant.report()
            if let held = report.grant, report.standing == .held || report.standing == .restored {
                questions.append(Question(client: client, subject: .refreshToken(grant, held.refreshToken)))
            }
        }
        return questions
    }

    // MARK: Asking

    private func answers(_ questions: [Question]) async -> [Int: TokenVerification] {
        let byServer = Dictionary(grouping: questions.indices) { index in
            exchanges.origin(of: questions[index].client.configuration)
        }
        return await withTaskGroup(of: [Int: TokenVerification].self) { group in
            var servers = byServer.values.sorted { $0[0] < $1[0] }[...]
            func askNext() {
                guard !Task.isCancelled, let indices = servers.popFirst() else { return }
                group.addTask { await self.answers(questions, indices) }
            }
            for _ in 0..<Self.serversAtOnce { askNext() }
            var answers: [Int: TokenVerification] = [:]
            for await some in group {
                answers.merge(some) { $1 }
                askNext()
            }
            return answers
        }
    }

    /// Those of one server.
    private func answers(_ questions: [Question], _ indices: [Int]) async -> [Int: TokenVerification] {
        await withTaskGroup(of: (Int, TokenVerification?).self) { group in
            var left = indices[...]
            func askNext() {
                guard !Task.isCancelled, let index = left.popFirst() else { return }
                group.addTask { (index, await self.answer(questions[index])) }
            }
            for _ in 0..<Self.requestsPerServer { askNext() }
            var answers: [Int: TokenVerification] = [:]
            for await (index, answer) in group {
                answers[index] = answer
                askNext()
            }
            return answers
        }
    }

    /// Nil when the time was over.
    private func answer(_ question: Question) async -> TokenVerification? {
        let client = question.client
        do throws(TokenEndpointFailure) {
            guard let endpoint = await endpoint(of: client.configuration) else { return nil }
            guard let url = try endpoint.get() else { return .noEndpoint(of: client.name) }
            guard let introspection = try await introspection(question, at: url) else { return nil }
            guard introspection.isActive || !isReplaced(question.subject) else { return .replaced(of: client.name) }
            switch question.subject {
            case .accessToken(let slot, _):
                let isConfigured = slot === client.defaultSlot
                return TokenVerification(introspection, ofAccessToken: client.name, isConfigured: isConfigured)
            case .refreshToken:
                return TokenVerification(introspection, ofRefreshToken: client.name)
            }
        } catch {
            guard !Task.isCancelled else { return nil }
            let explanation = Diagnosis.explain(
                error,
                client: client.name,
                provider: client.configuration.spokenProvider
            )
            return TokenVerification(
                active: nil,
                error: error.error,
                summary: explanation.summary,
                remedy: explanation.remedy,
                likelyCause: explanation.likelyCause?.rawValue
            )
        }
    }

    /// Where it is, by what may have to be discovered; nil when the time was over, for this operator alone.
    private func endpoint(of client: ClientConfiguration) async -> Result<EndpointURL?, TokenEndpointFailure>? {
        let (outcomes, outcome) = AsyncStream<Result<EndpointURL?, TokenEndpointFailure>>.makeStream()
        Task { [exchanges] in
            do throws(TokenEndpointFailure) {
                outcome.yield(.success(try await exchanges.endpoint(.introspection, of: client)))
            } catch {
                outcome.yield(.failure(error))
            }
            outcome.finish()
        }
        for await found in outcomes { return found }
        return nil
    }

    private func introspection(
        _ question: Question,
        at url: EndpointURL
    ) async throws(TokenEndpointFailure) -> Introspection? {
        let place: ServerBudgets.Place
        switch await budgets.sparePlace(at: url.origin) {
        case .place(let spare): place = spare
        case .refused(let wait): throw TokenEndpointFailure(.transient, .serverPaused, retryAfter: wait)
        case .cancelled: return nil
        }
        let (token, hint): (Secret, TokenTypeHint) =
            switch question.subject {
            case .accessToken(_, let token): (token, .accessToken)
            case .refreshToken(_, let token): (token, .refreshToken)
            }
        do throws(TokenEndpointFailure) {
            let introspection = try await exchanges.introspect(
                token,
                hint: hint,
                of: question.client.configuration,
                at: url,
                timeout: Self.longestAnswer
            )
            budgets.finished(place, retryAfter: nil)
            return introspection
        } catch {
            budgets.finished(place, retryAfter: error.retryAfter)
            throw error
        }
    }

    /// Whether another token is held by now, or is on its way: the one before is spent.
    private func isReplaced(_ subject: Question.Subject) -> Bool {
        switch subject {
        case .accessToken(let slot, let token): slot.memory().kept?.token.value != token
        case .refreshToken(let grant, let token): grant.isBusy || grant.report().grant?.refreshToken != token
        }
    }
}
