/// A login that succeeded, and what it is for.
struct Login: Sendable {
    var clientID: String
    var subject: String
    var scope: [String]

    /// `audience` and `resource` as asked.
    var audience: [String]

    /// Whether access beyond the person's presence was asked for.
    var isOffline: Bool

    /// Ties an ID token to its request.
    var nonce: String?

    init(clientID: String, subject: String, scope: [String], form: Form) {
        self.clientID = clientID
        self.subject = subject
        self.scope = scope
        audience = form.values("audience") + form.values("resource")
        isOffline = scope.contains("offline_access") || form["access_type"] == "offline"
        nonce = form["nonce"]
    }
}
