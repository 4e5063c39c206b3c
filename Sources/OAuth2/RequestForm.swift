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

/// A token or revocation request in bytes: what to POST.
package struct EncodedTokenRequest: Sendable, Equatable {
    /// `Accept` and `Content-Type`, and `Authorization` for header authentication.
    package var headers: [HTTPField]

    /// The form.
    package var body: Secret

    /// What the request presents, in every spelling, for the reading of the answer to hide where it repeats it.
    package var presented: [Secret]

    /// Whether it carries an assertion, which a server that has seen it takes for a replay.
    package var carriesAssertion: Bool

    package init(headers: [HTTPField], body: Secret, presented: [Secret] = [], carriesAssertion: Bool = false) {
        self.headers = headers
        self.body = body
        self.presented = presented
        self.carriesAssertion = carriesAssertion
    }
}

/// The form of a request being written: no parameter empty, none repeated but those that may be (RFC 6749 §3.2).
struct RequestForm: ~Copyable {
    private var headers = [
        HTTPField(name: "Accept", value: Secret("application/json")),
        HTTPField(name: "Content-Type", value: Secret("application/x-www-form-urlencoded")),
    ]
    private var form = SecretWriter()
    private var presented: [Secret] = []
    private var names: Set<String> = []
    private var carriesAssertion = false

    mutating func append(_ name: String, _ value: String) {
        append(name, value.utf8.span)
    }

    private mutating func append(_ name: String, _ value: Span<UInt8>) {
        guard !name.isEmpty, !value.isEmpty, names.insert(name).inserted else { return }
        write(name, value)
    }

    /// Appends a parameter that may stand more than once (RFC 8707 §2).
    mutating func appendAgain(_ name: String, _ value: String) {
        guard !value.isEmpty else { return }
        write(name, value.utf8.span)
    }

    /// Appends a token that the request is about.
    mutating func present(_ name: String, _ token: Secret?) {
        guard let token else { return }
        token.withBytes { append(name, $0) }
        presented += token.spellings
    }

    /// Appends what the client signed for this request alone.
    mutating func presentAssertion(_ name: String, _ assertion: Secret) {
        present(name, assertion)
        carriesAssertion = true
    }

    /// Adds what says who the client is and proves it, here or in a header field (RFC 6749 §2.3).
    mutating func authenticate(_ clientID: String, _ authentication: ClientAuthentication) {
        switch authentication {
        case .none, .certificate:
            append("client_id", clientID)
        case .assertion(let assertion):
            // Not needed beside the assertion, which some servers have to be told all the same (RFC 7521 §4.2).
            append("client_id", clientID)
            append("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            presentAssertion("client_assertion", assertion)
        case .clientSecretBasic(let secret, let encoding):
            let authorization = encoding.authorization(clientID: clientID, secret: secret)
            headers.append(HTTPField(name: "Authorization", value: authorization))
            presented.append(authorization)
        case .clientSecretPost(let secret):
            append("client_id", clientID)
            secret.withBytes { append("client_secret", $0) }
        }
        presented += authentication.presented
    }

    private mutating func write(_ name: String, _ value: Span<UInt8>) {
        if form.count > 0 { form.append(UInt8(ascii: "&")) }
        for byte in name.utf8 { FormEncoding.write(byte) { form.append($0) } }
        form.append(UInt8(ascii: "="))
        for index in value.indices { FormEncoding.write(value[index]) { form.append($0) } }
    }

    /// The request as it goes on the wire.
    func encoded() -> EncodedTokenRequest {
        EncodedTokenRequest(
            headers: headers,
            body: form.secret(),
            presented: presented,
            carriesAssertion: carriesAssertion
        )
    }
}
