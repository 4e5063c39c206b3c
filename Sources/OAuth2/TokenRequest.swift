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
        var headers = [
            HTTPField(name: "Accept", value: Secret("application/json")),
            HTTPField(name: "Content-Type", value: Secret("application/x-www-form-urlencoded")),
        ]
        var form = RequestForm()
        form.append("grant_type", grant.type)
        switch authentication {
        case .none:
            form.append("client_id", clientID)
        case .clientSecretBasic(let secret, let encoding):
            let authorization = encoding.authorization(clientID: clientID, secret: secret)
            headers.append(HTTPField(name: "Authorization", value: authorization))
        case .clientSecretPost(let secret):
            form.append("client_id", clientID)
            secret.withBytes { form.append("client_secret", $0) }
        }
        if grant == .refreshToken { refreshToken?.withBytes { form.append("refresh_token", $0) } }
        form.append("scope", target.scope.wireValue)
        form.append("audience", target.audience ?? "")
        for resource in target.resource { form.appendAgain("resource", resource) }
        for parameter in parameters where !TokenRequest.protocolParameters.contains(parameter.name) {
            form.append(parameter.name, parameter.value)
        }
        return EncodedTokenRequest(
            headers: headers,
            body: Secret(bytes: form.bytes),
            presented: authentication.presented + (refreshToken.map { [$0] } ?? [])
        )
    }
}

/// One header field of a request, whose value is never shown.
package struct HTTPField: Sendable, Equatable {
    /// As it is usually spelled; it means the same in any case.
    package var name: String

    /// A secret for every field, as some are.
    package var value: Secret

    package init(name: String, value: Secret) {
        self.name = name
        self.value = value
    }
}

/// A token request in bytes: what to POST.
package struct EncodedTokenRequest: Sendable, Equatable {
    /// `Accept` and `Content-Type`, and `Authorization` for header authentication.
    package var headers: [HTTPField]

    /// The form.
    package var body: Secret

    /// What the request presents, in every spelling, for `TokenAnswer.read` to hide where an answer repeats it.
    package var presented: [Secret]

    package init(headers: [HTTPField], body: Secret, presented: [Secret] = []) {
        self.headers = headers
        self.body = body
        self.presented = presented
    }
}

/// The form of a request being written: no parameter empty, none repeated but those that may be (RFC 6749 §3.2).
private struct RequestForm {
    private(set) var bytes: [UInt8] = []
    private var names: Set<String> = []

    mutating func append(_ name: String, _ value: String) {
        append(name, value.utf8.span)
    }

    mutating func append(_ name: String, _ value: Span<UInt8>) {
        guard !name.isEmpty, !value.isEmpty, names.insert(name).inserted else { return }
        write(name, value)
    }

    /// Appends a parameter that may stand more than once (RFC 8707 §2).
    mutating func appendAgain(_ name: String, _ value: String) {
        guard !value.isEmpty else { return }
        write(name, value.utf8.span)
    }

    private mutating func write(_ name: String, _ value: Span<UInt8>) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
        for byte in name.utf8 { FormEncoding.append(byte, to: &bytes) }
        bytes.append(UInt8(ascii: "="))
        for index in value.indices { FormEncoding.append(value[index], to: &bytes) }
    }
}
