/// A token request before it is put into bytes (RFC 6749 §4.4.2).
package struct TokenRequest: Sendable, Equatable {
    /// What is presented.
    package var grant: AuthorizationGrant

    /// The client's identifier at the authorization server (RFC 6749 §2.2).
    package var clientID: String

    /// How the client proves who it is.
    package var authentication: ClientAuthentication

    /// What the token is for.
    package var target: TokenTarget

    /// What the operator adds beyond the protocol; never one of `protocolParameters`.
    package var parameters: [FormParameter]

    package init(
        grant: AuthorizationGrant,
        clientID: String,
        authentication: ClientAuthentication,
        target: TokenTarget = TokenTarget(),
        parameters: [FormParameter] = []
    ) {
        self.grant = grant
        self.clientID = clientID
        self.authentication = authentication
        self.target = target
        self.parameters = parameters
    }

    /// The names that `parameters` may not use, because the protocol gives them a meaning.
    package static let protocolParameters: Set<String> = [
        "grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type", "scope", "audience",
        "resource", "code", "redirect_uri", "code_verifier", "refresh_token", "device_code", "assertion", "username",
        "password", "response_type", "state", "code_challenge",
        "code_challenge_method",
    ]

    /// The request as it goes on the wire; the same request gives the same bytes.
    package func encoded() -> EncodedTokenRequest {
        var form = RequestForm()
        form.append("grant_type", grant.kind.type)
        form.authenticate(clientID, authentication)
        grant.append(to: &form)
        // What a login is for was said at its beginning (RFC 6749 §4.1.3); a resource is named again (RFC 8707 §2.2).
        if !grant.kind.isOfLogin {
            form.append("scope", target.scope.wireValue)
            form.append("audience", target.audience ?? "")
        }
        for resource in target.resource { form.appendAgain("resource", resource) }
        for parameter in parameters where !TokenRequest.protocolParameters.contains(parameter.name) {
            form.append(parameter.name, parameter.value)
        }
        return form.encoded()
    }
}
