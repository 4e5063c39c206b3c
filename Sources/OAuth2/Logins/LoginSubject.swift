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

    /// What people are shown: what could steer a terminal is left out.
    package var shown: String {
        if let name { return name }
        // As it is, where that is so: identifiers look like tokens, and would be masked.
        if id.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) { return id }
        return ServerWords.printable(id) ?? "unprintable"
    }

    /// Whether it is the same account; bytes count, as texts that look alike may be two.
    package func isSame(as other: LoginSubject) -> Bool { id.utf8.elementsEqual(other.id.utf8) }
}
