import Synchronization

/// A request that was received, and how it is to be dealt with.
struct Arrival: Sendable {
    let request: SeenRequest
    let behaviour: Behaviour
    let hold: Hold?
    let form: Form?
    let credentials: Result<PresentedCredentials, OAuthError>

    /// The refresh token that it presents for another; nil when it presents none.
    var refreshToken: String? {
        request.endpoint == .token && request.grant == "refresh_token" ? form?["refresh_token"] : nil
    }
}

/// What a request brought: the answer, and the word it is counted under.
struct Outcome: Sendable {
    var response: HTTPResponse
    var word: String

    init(_ response: HTTPResponse, word: String) {
        self.response = response
        self.word = word
    }

    /// A refusal.
    init(_ error: OAuthError) {
        self.init(error.response, word: error.error)
    }
}

extension MockAuthorizationServer {
    /// One exchange: sees the request, behaves, answers.
    func reply(to request: HTTPRequest) async throws -> Reply {
        let arrival = arrived(request)
        do {
            try await arrival.hold?.wait()
            if arrival.behaviour.delay > .zero { try await Task.sleep(for: arrival.behaviour.delay) }
        } catch {
            state.withLock { state in
                state.abandonHold(arrival.request.number)
                state.watch.counters.answered(arrival.request, outcome: "abandoned")
            }
            throw error
        }
        let outcome = behave(arrival)
        let now = self.now()
        state.withLock { state in
            let judgement = arrival.refreshToken.map { value in
                state.issuer.settle(
                    value,
                    clientID: arrival.request.clientID,
                    request: arrival.request.number,
                    now: now
                )
            }
            state.watch.counters.answered(arrival.request, outcome: outcome.word, judgement: judgement)
        }
        configuration.onAnswer?(arrival.request, outcome.word, outcome.response.status)
        return Reply(response: outcome.response, fault: arrival.behaviour.fault)
    }

    private func arrived(_ request: HTTPRequest) -> Arrival {
        let (paths, laboratory) = (paths, state.withLock { $0.laboratory })
        let endpoint = paths.endpoint(of: request.path)
        // A browser brings its parameters in the query.
        let form = request.method == "GET" ? Form(request.query.utf8) : Form(request.body)
        let authorization = request.headers("Authorization").first
        let credentials: Result<PresentedCredentials, OAuthError> = Result { () throws(OAuthError) in
            try PresentedCredentials(
                authorization: authorization,
                form: form ?? Form(),
                encoding: laboratory?.encoding ?? configuration.basicEncoding,
                certificate: request.certificate
            )
        }
        let presented = try? credentials.get()
        let now = self.now()
        return state.withLock { state in
            let seen = SeenRequest(
                number: state.log.nextNumber(),
                endpoint: endpoint,
                at: now,
                method: request.method,
                path: request.path,
                query: request.query,
                clientID: presented?.clientID,
                authentication: presented?.method,
                grant: form?["grant_type"],
                parameters: (form?.fields ?? []).map { SeenParameter(name: $0.name, verbatim: SeenSecret($0.value)) },
                headers: request.headers.filter { $0.name.lowercased() != "authorization" },
                secret: presented?.secret.map(SeenSecret.init),
                authorization: authorization.map(SeenSecret.init),
                certificate: request.certificate,
                connection: request.connection
            )
            let behaviour = state.script.next(endpoint: endpoint, client: presented?.clientID)
            state.watch.counters.arrived(seen)
            let hold = behaviour.hold ? state.hold(seen.number) : nil
            state.log.append(seen)
            return Arrival(
                request: seen,
                behaviour: behaviour,
                hold: hold,
                form: form,
                credentials: credentials
            )
        }
    }

    /// The true answer with the behaviour's changes; what replaces the answer whole also leaves out its effects, unless
    /// the behaviour says otherwise.
    private func behave(_ arrival: Arrival) -> Outcome {
        let behaviour = arrival.behaviour
        var outcome: Outcome
        if behaviour.actsFirst, behaviour.replacesAnswer { _ = answer(arrival) }
        if let error = behaviour.error {
            outcome = Outcome(
                OAuthError(error, behaviour.errorDescription ?? "scripted", status: behaviour.status ?? 400)
            )
        } else if behaviour.replacesAnswer {
            let body = behaviour.body.map { Array($0.utf8) } ?? []
            let padding = [UInt8](repeating: 0x20, count: max(0, (behaviour.bodySize ?? 0) - body.count))
            outcome = Outcome(
                HTTPResponse(status: 200, headers: [("Content-Type", "application/json")], body: body + padding),
                word: "scripted"
            )
        } else {
            outcome = answer(arrival)
            change(&outcome.response, by: behaviour)
        }
        outcome.response.status = behaviour.status ?? outcome.response.status
        if let contentType = behaviour.contentType {
            outcome.response.headers.removeAll { $0.name == "Content-Type" }
            if !contentType.isEmpty { outcome.response.setHeader("Content-Type", contentType) }
        }
        if let retryAfter = behaviour.retryAfter { outcome.response.setHeader("Retry-After", retryAfter) }
        for (name, value) in behaviour.headers.sorted(by: { $0.key < $1.key }) {
            outcome.response.setHeader(name, value)
        }
        return outcome
    }

    private func change(_ response: inout HTTPResponse, by behaviour: Behaviour) {
        guard !behaviour.members.isEmpty || !behaviour.omit.isEmpty,
            case .object(var members) = JSONText.decode(response.body)
        else { return }
        members.merge(behaviour.members) { _, scripted in scripted }
        for name in behaviour.omit { members[name] = nil }
        response.body = JSONValue.object(members).encoded()
    }

    private func answer(_ arrival: Arrival) -> Outcome {
        guard let laboratory = state.withLock({ $0.laboratory }) else { return plainAnswer(arrival) }
        return answer(arrival, in: laboratory)
    }

    /// What a server without a fault answers.
    func plainAnswer(_ arrival: Arrival) -> Outcome {
        do {
            switch arrival.request.endpoint {
            case .token: return try grantToken(arrival)
            case .authorization: return try authorize(arrival)
            case .deviceAuthorization: return try authorizeDevice(arrival)
            case .verification: return try verifyDevice(arrival)
            case .introspection: return try introspect(arrival)
            case .revocation: return try revokeToken(arrival)
            case .metadata, .openIDConfiguration:
                guard arrival.request.method == "GET" else { return methodNotAllowed(allow: "GET") }
                return Outcome(.json(paths.metadata), word: "metadata")
            case .jwks:
                guard arrival.request.method == "GET" else { return methodNotAllowed(allow: "GET") }
                return Outcome(.json(signer.keySet), word: "keys")
            case .unknown:
                return Outcome(HTTPResponse(status: 404), word: "not_found")
            }
        } catch {
            return Outcome(error)
        }
    }

    func methodNotAllowed(allow: String) -> Outcome {
        Outcome(HTTPResponse(status: 405, headers: [("Allow", allow)]), word: "method_not_allowed")
    }
}
