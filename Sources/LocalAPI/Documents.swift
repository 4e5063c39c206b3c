/// The answer to `GET /v1/clients`: what this caller may ask for.
package struct ClientsDocument: Sendable, Equatable, Codable {
    /// One client, with what its token is for when nothing else is asked.
    package struct Client: Sendable, Equatable, Codable {
        package var client: String
        package var scope: String
        package var audience: String?
        package var resource: [String]

        package init(client: String, scope: String, audience: String?, resource: [String]) {
            self.client = client
            self.scope = scope
            self.audience = audience
            self.resource = resource
        }
    }

    package var formatVersion: Int
    package var clients: [Client]

    package init(clients: [Client]) {
        formatVersion = documentFormatVersion
        self.clients = clients
    }
}

/// A token as a fetch answers it (RFC 6749 §5.1); read by the CLI, written by `RenderedToken`.
package struct TokenDocument: Sendable, Equatable, Codable {
    package var accessToken: String
    package var tokenType: String
    package var expiresIn: Int?
    package var expiresAt: Int?
    package var scope: String
    package var client: String
}

/// What `POST /v1/token/{client}/rejected` is sent: the token that the caller was refused with.
package struct RejectedTokenDocument: Sendable, Equatable, Codable {
    enum CodingKeys: String, CodingKey {
        // As it is written, so that no other spelling is taken for it.
        case accessToken = "access_token"
    }

    package var accessToken: String

    package init(accessToken: String) { self.accessToken = accessToken }
}

/// The answer to a report of a refused token.
package struct RejectionDocument: Sendable, Equatable, Codable {
    package var formatVersion: Int
    package var client: String

    /// Whether another token is being asked for in place of the one that was reported.
    package var refreshing: Bool

    package init(client: String, refreshing: Bool) {
        formatVersion = documentFormatVersion
        self.client = client
        self.refreshing = refreshing
    }
}

/// The answer to an operator's refresh that brought a token.
package struct RefreshDocument: Sendable, Equatable, Codable {
    package var formatVersion: Int
    package var client: String
    package var state: ClientState
    package var expiresAt: Int?

    package init(client: String, state: ClientState, expiresAt: Int?) {
        formatVersion = documentFormatVersion
        self.client = client
        self.state = state
        self.expiresAt = expiresAt
    }
}

/// The answer to a reload that took effect: what it changed, in clients' names.
package struct ReloadDocument: Sendable, Equatable, Codable {
    package var formatVersion: Int
    package var added: [String]
    package var removed: [String]
    package var changed: [String]
    package var unchanged: Int

    /// Changed keys that a running daemon cannot follow.
    package var restartNeeded: [String]

    package init(added: [String], removed: [String], changed: [String], unchanged: Int, restartNeeded: [String]) {
        formatVersion = documentFormatVersion
        self.added = added
        self.removed = removed
        self.changed = changed
        self.unchanged = unchanged
        self.restartNeeded = restartNeeded
    }
}

/// The answer to a logout: what became of the client's grant.
package struct LogoutDocument: Sendable, Equatable, Codable {
    package var formatVersion: Int
    package var client: String

    /// Whether the authorization server was told that the grant is over (RFC 7009), and said so.
    package var revoked: Bool

    /// Whether nothing of it is kept.
    package var forgotten: Bool

    /// What else an operator should know, in one sentence.
    package var note: String?

    package init(client: String, revoked: Bool, forgotten: Bool, note: String? = nil) {
        formatVersion = documentFormatVersion
        self.client = client
        self.revoked = revoked
        self.forgotten = forgotten
        self.note = note
    }
}

/// The answer to a change of keys.
package struct RekeyDocument: Sendable, Equatable, Codable {
    package var formatVersion: Int

    /// How many stored secrets are sealed with the first key now that were not before.
    package var resealed: Int

    package init(resealed: Int) {
        formatVersion = documentFormatVersion
        self.resealed = resealed
    }
}

/// One line of `GET /v1/watch/{client}`.
package struct WatchEvent: Sendable, Equatable, Codable {
    /// What the line tells.
    package enum Kind: String, Sendable, Codable {
        /// There is a new token, or the first one: fetch it.
        case token
        /// The state changed, and the token did not.
        case state
        /// The stream ends: the client is gone, or the caller is allowed no more.
        case end
    }

    package var event: Kind
    package var client: String
    package var state: ClientState?
    package var serving: Bool?
    package var expiresAt: Int?

    /// Why the latest attempt failed, what is likeliest behind that, and what to do; nil after a success.
    package var cause: String?
    package var likelyCause: String?
    package var remedy: String?

    package init(event: Kind, client: String, state: ClientState? = nil, serving: Bool? = nil, expiresAt: Int? = nil) {
        self.event = event
        self.client = client
        self.state = state
        self.serving = serving
        self.expiresAt = expiresAt
    }

    /// The line, ended by a line feed.
    package var line: [UInt8] { DocumentCoding.encode(self) + [0x0A] }
}
