/// A token request before it is put into bytes (RFC 6749 §4.4.2).
package struct TokenRequest: Sendable, Equatable {
    /// What is presented.
    package var grant: Grant

    /// The client's identifier at the authorization server (RFC 6749 §2.2).
    package var clientID: String

    /// How the client proves who it is.
    package var authentication: ClientAuthentication

    /// The refresh token, for the grant of that name (RFC 6749 §6).
    package var refreshToken: Secret?

    /// What the token is for.
    package var target: TokenTarget

    /// What the operator adds beyond the protocol; never one of `protocolParameters`.
    package var parameters: [FormParameter]

    package init(
        grant: Grant,
        clientID: String,
        authentication: ClientAuthentication,
        refreshToken: Secret? = nil,
        target: TokenTarget = TokenTarget(),
        parameters: [FormParameter] = []
    ) {
        self.grant = grant
        self.clientID = clientID
        self.authentication = authentication
        self.refreshToken = refreshToken
        self.target = target
        self.parameters = parameters
    }

    /// The names that `parameters` may not use, because the protocol gives them a meaning.
    package static let protocolParameters: Set<String> = [
        "grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type", "scope", "audience",
        "resource", "code", "redirect_uri", "code_verifier", "refresh_token", "device_code", "assertion", "username",
        "password",
    ]

    /// The request as it goes on the wire; the same request gives the same bytes.
    package func encoded() -> EncodedTokenRequest {
        var form = RequestForm()
        form.append("grant_type", grant.type)
        form.authenticate(clientID, authentication)
        if grant == .refreshToken { form.present("refresh_token", refreshToken) }
        form.append("scope", target.scope.wireValue)
        form.append("audience", target.audience ?? "")
        for resource in target.resource { form.appendAgain("resource", resource) }
        for parameter in parameters where !TokenRequest.protocolParameters.contains(parameter.name) {
            form.append(parameter.name, parameter.value)
        }
        return form.encoded()
    }
}
