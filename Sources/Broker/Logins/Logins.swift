internal import LocalAPI
internal import LocalServer
internal import OAuth2
internal import Synchronization
internal import TokenLifecycle

/// The logins that are pending: one a client at most.
final class Logins: Sendable {
    private struct State {
        var pending: [ClientName: Login] = [:]
        var isStopping = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let directory: ClientDirectory
    private let parts: LoginParts
    private let state = Mutex(State())

    init(directory: ClientDirectory, parts: LoginParts) {
        self.directory = directory
        self.parts = parts
    }

    // MARK: Operators

    /// What a login of the client takes.
    func plan(_ name: String) throws(APIError) -> LoginPlanDocument {
        let client = try client(name)
        let isBrowser = client.configuration.grant == .authorizationCode
        return LoginPlanDocument(
            client: name,
            flow: isBrowser ? .browser : .device,
            // A port that is left out stands for any too.
            redirectUri: client.configuration.redirectURI.flatMap { try? RedirectURI($0).text(listeningOn: 0) },
            subject: client.grant?.report().grant?.subject?.shown
        )
    }

    /// Begins a login, which ends with the caller's connection.
    func begin(_ name: String, _ wish: LoginWish, caller: Caller, responder: Responder) throws(APIError) {
        let client = try client(name)
        let redirectURI = try redirectURI(of: client.configuration, wish)
        let login = Login(
            client,
            wish: wish,
            redirectURI: redirectURI,
            caller: caller,
            responder: responder,
            parts: parts,
            forgotten: { [weak self] in self?.forget($0) }
        )
        let refusal = state.withLock { state -> APIError? in
            if state.isStopping { return .stopping(client.name) }
            if state.pending[client.name] != nil { return Self.pending(name) }
            state.pending[client.name] = login
            return nil
        }
        if let refusal { throw refusal }
        login.begin()
        // A reload in between did not see it.
        if directory.snapshot.clients[name] !== client { login.giveUp(because: .clientChanged) }
    }

    /// What the browser brought, for the login that it belongs to.
    func hear(_ redirect: LoginRedirect, of name: String) throws(APIError) -> LoginRedirectAnswer {
        let client = try client(name)
        let (id, address) = try redirect.read()
        let login = state.withLock { $0.pending[client.name] }
        guard let login, login.id == Secret(id) else {
            throw APIError(
                .invalidRequest,
                "no such login is pending",
                client: name,
                remedy: "Log in again: `tokenctl login \(name)`.",
                cause: "login_unknown"
            )
        }
        switch login.hear(address) {
        case .accepted(let granted): return LoginRedirectAnswer(client: name, granted: granted)
        case .refused(let refusal): throw Self.refusal(refusal, name)
        case .notWaiting:
            throw APIError(
                .invalidRequest,
                "the login waits for no redirect: one was brought already, or it takes none",
                client: name,
                remedy: "Look at what `tokenctl login` says.",
                cause: "login_not_waiting"
            )
        }
    }

    private func client(_ name: String) throws(APIError) -> Client {
        guard let client = directory.snapshot.clients[name] else { throw .unknownClient(name) }
        let grant = client.configuration.grant
        guard grant.isOfLogin else {
            throw APIError(
                .invalidRequest,
                "grant = \"\(grant.name)\" takes no login",
                client: name,
                remedy: "Write grant = \"authorization_code\" or \"device_code\" in the client's section, and reload."
            )
        }
        return client
    }

    /// As it stands in the authorization request; nil for a login on another device.
    private func redirectURI(of client: ClientConfiguration, _ wish: LoginWish) throws(APIError) -> String? {
        guard client.grant == .authorizationCode, let written = client.redirectURI,
            let uri = try? RedirectURI(written)
        else { return nil }
        guard uri.isLoopback, uri.port == nil else {
            guard wish.port == nil || wish.port == uri.port else {
                throw APIError(
                    .invalidRequest,
                    "the redirect URI is fixed as \(written), which the port \(wish.port ?? 0) differs from",
                    client: client.name.value,
                    remedy: "Leave the port out, or write redirect_uri with port 0."
                )
            }
            return written
        }
        guard let port = wish.port else {
            throw APIError(
                .invalidRequest,
                "the redirect URI has any port, and the request names none",
                client: client.name.value,
                remedy: "Name the port that is listened on: port=NUMBER."
            )
        }
        return uri.text(listeningOn: port)
    }

    private static func pending(_ name: String) -> APIError {
        APIError(
            .temporarilyUnavailable,
            "another login of this client is pending",
            client: name,
            remedy: "Finish or interrupt the other `tokenctl login \(name)`, or wait ten minutes for its end.",
            retryAfter: Self.retryAfter,
            cause: "login_pending"
        )
    }

    /// Whoever logs in elsewhere may be done by then.
    private static let retryAfter = 30

    private static func refusal(_ refusal: AuthorizationResponse.Refusal, _ name: String) -> APIError {
        let (summary, cause) =
            switch refusal {
            case .malformed, .declined: ("the redirect is no address with parameters that can be read", "malformed")
            case .noCode: ("the redirect brings neither a code nor an error", "malformed")
            case .stateDiffers: ("the redirect is not this login's: its state differs", "state_mismatch")
            case .issuerDiffers(let found?): ("another authorization server answered: \(found)", "issuer_mismatch")
            case .issuerDiffers(nil):
                ("the redirect does not say which authorization server answered", "issuer_mismatch")
            }
        return APIError(
            .invalidRequest,
            summary,
            client: name,
            remedy: "Finish the login in the browser that was sent to the address of this login; it goes on.",
            cause: cause
        )
    }

    // MARK: Ends

    func connectionClosed(_ connection: ConnectionID) {
        let left = state.withLock { $0.pending.values.filter { $0.caller.connection == connection } }
        for login in left { login.operatorLeft() }
    }

    /// Logins of clients that are others now, or gone, end.
    func reloaded() {
        let clients = directory.snapshot.clients
        let others = state.withLock { $0.pending.values.filter { clients[$0.client.name.value] !== $0.client } }
        for login in others { login.giveUp(because: .clientChanged) }
    }

    /// None begins any more, and none waits for a person.
    func stop() {
        let pending = state.withLock { state in
            state.isStopping = true
            return Array(state.pending.values)
        }
        for login in pending { login.giveUp(because: .stopping) }
    }

    /// Waits for what servers are being asked, which ends in each one's own time; what they bring is not to be lost.
    func finish() async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if state.pending.isEmpty { return true }
                state.waiting.append(continuation)
                return false
            }
            if isDone { continuation.resume() }
        }
    }

    private func forget(_ login: Login) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard state.pending[login.client.name] === login else { return [] }
            state.pending[login.client.name] = nil
            guard state.pending.isEmpty else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
