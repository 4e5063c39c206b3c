/// A refusal of RFC 6749 §5.2.
struct OAuthError: Error, Sendable, Equatable {
    var error: String
    var description: String
    var status = 400

    /// Whether the answer carries `WWW-Authenticate`, as it must when a header failed to prove the client.
    var challenges = false

    /// What is held against the request, for a provider that words it otherwise.
    var objection: Objection?

    init(
        _ error: String,
        _ description: String,
        status: Int = 400,
        challenges: Bool = false,
        objection: Objection? = nil
    ) {
        self.error = error
        self.description = description
        self.status = status
        self.challenges = challenges
        self.objection = objection
    }

    var response: HTTPResponse {
        var response = HTTPResponse.json(
            ["error": .string(error), "error_description": .string(description)],
            status: status
        )
        if challenges { response.setHeader("WWW-Authenticate", "Basic realm=\"mock-authorization-server\"") }
        return response
    }
}
