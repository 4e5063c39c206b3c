/// What a browser is sent to the authorization endpoint with (RFC 6749 §4.1.1, RFC 7636 §4.3).
package struct AuthorizationRequest: Sendable, Equatable {
    /// The client's identifier at the authorization server.
    package var clientID: String

    /// Where the browser is sent back to; the same bytes go into the token request (RFC 6749 §4.1.3).
    package var redirectURI: String

    /// Ties the answer to this request (RFC 6749 §10.12).
    package var state: String

    /// The verifier's SHA-256 in base64url (RFC 7636 §4.2).
    package var codeChallenge: String

    /// What the grant is to be for.
    package var target: TokenTarget

    /// What the operator adds beyond the protocol; never one of `TokenRequest.protocolParameters`.
    package var parameters: [FormParameter]

    package init(
        clientID: String,
        redirectURI: String,
        state: String,
        codeChallenge: String,
        target: TokenTarget = TokenTarget(),
        parameters: [FormParameter] = []
    ) {
        self.clientID = clientID
        self.redirectURI = redirectURI
        self.state = state
        self.codeChallenge = codeChallenge
        self.target = target
        self.parameters = parameters
    }

    /// The URL to open; the endpoint's own query is kept (RFC 6749 §3.1).
    package func url(at endpoint: EndpointURL) -> String {
        var query = [
            FormParameter(name: "response_type", value: "code"),
            FormParameter(name: "client_id", value: clientID),
            FormParameter(name: "redirect_uri", value: redirectURI),
            FormParameter(name: "state", value: state),
            FormParameter(name: "code_challenge", value: codeChallenge),
            FormParameter(name: "code_challenge_method", value: "S256"),
        ]
        query += target.parameters
        query += parameters.filter { !TokenRequest.protocolParameters.contains($0.name) }
        // A space as %20: not every server reads a query as a form.
        let text = FormEncoding.encode(query.filter { !$0.value.isEmpty }).replacing("+", with: "%20")
        return endpoint.text + (endpoint.query.map { $0.isEmpty ? "" : "&" } ?? "?") + text
    }
}

extension TokenTarget {
    /// The parameters that say what a login or a device's authorization is for.
    var parameters: [FormParameter] {
        [FormParameter(name: "scope", value: scope.wireValue), FormParameter(name: "audience", value: audience ?? "")]
            + resource.map { FormParameter(name: "resource", value: $0) }
    }
}
