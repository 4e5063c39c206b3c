/// Who logged in, as the authorization server names them.
package struct LoginSubject: Sendable, Hashable {
    /// The `sub`, which is nobody else's at that server and never changes (OpenID Connect Core §2).
    package var id: String

    /// What people know them by; nil when the server does not say.
    package var name: String?

    package init(id: String, name: String? = nil) {
        self.id = id
        self.name = name
    }

    /// What people are shown.
    package var shown: String { name ?? id }
}
