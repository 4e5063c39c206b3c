internal import LocalAPI
internal import LocalServer

/// From a request to what answers it.
struct RequestRouter: Sendable {
    let tokens: TokenService
    let rejections: Rejections
    let operations: Operations
    let operators: Operators
    let trail: AuditTrail

    func handle(
        _ request: HTTPRequest,
        caller: Caller,
        responder: Responder,
        answer: inout AnswerBuffer
    ) -> Reply {
        do throws(APIError) {
            let standing = caller.role == .admin ? try standing(of: caller) : nil
            let operation = try APIRequest.parse(
                request.input,
                role: caller.role
            )
            if let standing, let command = AuditedCommand(operation) {
                trail.record(
                    AuditSubject(
                        .command(command.name),
                        by: caller,
                        unit: trail.unit(of: caller),
                        client: command.client,
                        verdict: .operates(standing)
                    ),
                    caller: caller
                )
            }
            return try route(operation, caller: caller, responder: responder, answer: &answer)
        } catch {
            responder.send(error.response())
            return .later
        }
    }

    private func standing(of caller: Caller) throws(APIError) -> Operators.Standing {
        if let standing = operators.standing(of: caller.peer) { return standing }
        trail.record(
            AuditSubject(.command("any"), by: caller, unit: trail.unit(of: caller), verdict: .operatesNot),
            caller: caller
        )
        throw APIError(
            .accessDenied,
            "this user may not operate the broker",
            remedy: "Become root or a member of the admin group."
        )
    }

    private func route(
        _ request: APIRequest,
        caller: Caller,
        responder: Responder,
        answer: inout AnswerBuffer
    ) throws(APIError) -> Reply {
        switch request {
        case .token(let query):
            return tokens.fetch(query, caller: caller, responder: responder, answer: &answer)
        case .rejected(let client, let report):
            responder.send(try rejections.hear(report, of: client, caller: caller))
        case .watch(let client):
            try operations.watch(client, caller: caller, responder: responder)
        case .clients:
            responder.send(operations.clients(for: caller))
        case .health:
            responder.send(.text("ok\n"))
        case .status:
            operations.status(responder: responder)
        case .client(let client):
            responder.send(try operations.status(of: client))
        case .verification(let client):
            try operations.verify(client, responder: responder)
        case .refresh(let client, let mode):
            try operations.refresh(client, mode, caller: caller, responder: responder)
        case .logout(let client, let forgetting):
            operations.logout(client, forgetting: forgetting, responder: responder)
        case .diagnosis(let client, let spending):
            try operations.diagnose(client, mayCost: spending, caller: caller, responder: responder)
        case .loginPlan(let client):
            responder.send(.document(try operations.logins.plan(client)))
        case .login(let client, let wish):
            try operations.logins.begin(client, wish, caller: caller, responder: responder)
        case .loginRedirect(let client, let redirect):
            responder.send(.document(try operations.logins.hear(redirect, of: client), status: 202))
        case .rekey:
            operations.rekey(responder: responder)
        case .backup:
            operations.backUp(responder: responder)
        case .reload:
            operations.reload(responder: responder)
        case .why(let pid, let client):
            responder.send(try operations.why(pid: pid, client: client))
        case .events(let since, let following):
            operations.events(since: since, following: following, caller: caller, responder: responder)
        case .ready:
            operations.ready(responder: responder)
        case .metrics:
            operations.metrics(responder: responder)
        }
        return .later
    }
}
