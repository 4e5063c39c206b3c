internal import LocalAPI
internal import OAuth2

extension TokenVerification {
    /// The server's word on a client's access token, of the slot that the configuration names or of another.
    init(_ introspection: Introspection, ofAccessToken client: ClientName, isConfigured: Bool) {
        self.init(introspection)
        guard !introspection.isActive else { return }
        summary = "The server says that the access token is not active, though it should be good until it expires."
        remedy =
            isConfigured
            ? "Have it replaced: `tokenctl refresh \(client)`."
            : "Have it replaced: pass what `tokenctl token \(client)` gives for this scope, audience and resource to "
                + "`tokenctl reject \(client)`."
    }

    /// The server's word on a client's refresh token, which settles nothing.
    init(_ introspection: Introspection, ofRefreshToken client: ClientName) {
        self.init(introspection)
        guard !introspection.isActive else { return }
        summary =
            "The server says that the refresh token is not active; it is kept all the same, as only the answer to a token "
            + "request ends a grant, and some servers tell of access tokens alone."
        remedy = "Find out: `tokenctl refresh \(client)`; if that is refused, log in again."
    }

    private init(_ introspection: Introspection) {
        self.init(
            active: introspection.isActive,
            scope: introspection.scope?.wireValue,
            subject: introspection.subject,
            expiresAt: introspection.expiresAt?.wholeSeconds
        )
    }

    static func noEndpoint(of client: ClientName) -> TokenVerification {
        TokenVerification(
            active: nil,
            error: noEndpoint,
            summary: "No introspection endpoint is known for this client.",
            remedy: "Where the server has one, write it as introspection_endpoint in the client's section."
        )
    }

    static func noToken(of client: ClientName) -> TokenVerification {
        TokenVerification(
            active: nil,
            error: noToken,
            summary: "No token is cached.",
            remedy: "Ask for one: `tokenctl refresh \(client)`."
        )
    }

    static func notChecked(of client: ClientName) -> TokenVerification {
        TokenVerification(
            active: nil,
            error: notChecked,
            summary: "The time was over before the server answered.",
            remedy: "Ask about this client alone: `tokenctl status --verify \(client)`."
        )
    }

    static func replaced(of client: ClientName) -> TokenVerification {
        TokenVerification(
            active: nil,
            error: replaced,
            summary: "The token gave way to another one while the server was asked about it.",
            remedy: "Ask again: `tokenctl status --verify \(client)`."
        )
    }
}
