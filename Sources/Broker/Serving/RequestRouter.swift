internal import LocalAPI
internal import LocalServer

/// From a request to what answers it.
struct RequestRouter: Sendable {
    let tokens: TokenService
    let operations: Operations
    let operators: Operators

    func handle(_ request: HTTPRequest, caller: Caller, responder: Responder) {
        do throws(APIError) {
            if caller.role == .admin, !operators.include(caller.peer) {
                throw APIError(
                    .accessDenied,
                    "this user may not operate the broker",
                    remedy: "Become root or a member of the admin group."
                )
            }
            let operation = try APIRequest.parse(
                APIRequest.Input(
                    method: request.method,
                    target: request.target,
                    accept: request.accept,
                    contentType: request.contentType,
                    authorization: request.authorization,
                    body: request.body
                ),
                role: caller.role
            )
            try route(operation, caller: caller, responder: responder)
        } catch {
            responder.send(error.response())
        }
    }

    private func route(_ request: APIRequest, caller: Caller, responder: Responder) throws(APIError) {
        switch request {
        case .token(let query):
            tokens.fetch(query, caller: caller, responder: responder)
        case .watch(let client):
            try operations.watch(client, caller: caller, responder: responder)
        case .clients:
            responder.send(operations.clients(for: caller))
        case .health:
            responder.send(.text("ok\n"))
        case .status:
            responder.send(operations.status())
        case .client(let client):
            responder.send(try operations.status(of: client))
        case .refresh(let client, let mode):
            try operations.refresh(client, mode, caller: caller, responder: responder)
        case .logout(let client, let forgetting):
            operations.logout(client, forgetting: forgetting, caller: caller, responder: responder)
        case .rekey:
            operations.rekey(caller: caller, responder: responder)
        case .backup:
            operations.backUp(caller: caller, responder: responder)
        case .reload:
            operations.reload(responder: responder)
        case .ready:
            responder.send(operations.ready())
        case .metrics:
            responder.send(operations.metrics())
        }
    }
}
