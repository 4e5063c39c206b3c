/// A request for the codes of a login on another device (RFC 8628 §3.1).
package struct DeviceAuthorizationRequest: Sendable, Equatable {
    /// The client's identifier at the authorization server.
    package var clientID: String

    /// How the client proves who it is.
    package var authentication: ClientAuthentication

    /// What the grant is to be for.
    package var target: TokenTarget

    /// What the operator adds beyond the protocol; never one of `TokenRequest.protocolParameters`.
    package var parameters: [FormParameter]

    package init(
        clientID: String,
        authentication: ClientAuthentication,
        target: TokenTarget = TokenTarget(),
        parameters: [FormParameter] = []
    ) {
        self.clientID = clientID
        self.authentication = authentication
        self.target = target
        self.parameters = parameters
    }

    /// The request as it goes on the wire; the same request gives the same bytes.
    package func encoded() -> EncodedTokenRequest {
        var form = RequestForm()
        form.authenticate(clientID, authentication)
        for parameter in target.parameters { form.appendAgain(parameter.name, parameter.value) }
        for parameter in parameters where !TokenRequest.protocolParameters.contains(parameter.name) {
            form.append(parameter.name, parameter.value)
        }
        return form.encoded()
    }
}

/// What a person needs to log in on another device, and what the client asks with meanwhile (RFC 8628 §3.2).
package struct DeviceAuthorization: Sendable, Equatable {
    /// What the client asks with.
    package var deviceCode: Secret

    /// What the person types.
    package var userCode: String

    /// Where the person types it.
    package var verificationURI: String

    /// Where it need not be typed; nil when the server has no such place.
    package var verificationURIComplete: String?

    /// How long the codes live, in whole seconds.
    package var expiresIn: Duration

    /// How long to wait between two questions, in whole seconds.
    package var interval: Duration

    /// The interval when the server names none (RFC 8628 §3.2).
    package static let standardInterval = Duration.seconds(5)

    /// No person takes longer, whatever a server says.
    package static let longestLife = Duration.seconds(3_600)

    /// A login lasts no longer; a server that wants to be asked less often is not asked.
    package static let longestInterval = Duration.seconds(600)

    /// What a server that names no end is taken to mean (RFC 8628 §3.2 requires one).
    private static let unstatedLife = Duration.seconds(600)

    /// Longer than any person types.
    private static let longestUserCode = 64

    /// What `answer` gives, or why there is nothing.
    package static func read(
        _ answer: HTTPAnswer,
        provider: Provider = .generic,
        presented: [Secret] = []
    ) throws(TokenEndpointFailure) -> DeviceAuthorization {
        let body = AnswerBody(answer)
        let stated = StatedError(body)
        if (200..<300).contains(answer.status), stated == nil, case .members(let members) = body,
            let authorization = DeviceAuthorization(members)
        {
            return authorization
        }
        throw TokenEndpointFailure(
            answer,
            body: body,
            stated: stated,
            fault: nil,
            // Nothing is spent, and whoever asks is about to log in.
            grant: .clientCredentials,
            provider: provider.profile,
            hiding: presented
        )
    }

    private init?(_ members: AnswerMembers) {
        guard let deviceCode = members.text("device_code"), !deviceCode.isEmpty,
            let userCode = members.text("user_code").flatMap({
                ServerWords.printable($0, maximumBytes: Self.longestUserCode)
            }),
            // Google's first version named it so.
            let verificationURI = members.text("verification_uri", "verification_url").flatMap(Self.webPage)
        else { return nil }
        self.deviceCode = Secret(deviceCode)
        self.userCode = userCode
        self.verificationURI = verificationURI
        verificationURIComplete = members.text("verification_uri_complete", "verification_url_complete")
            .flatMap(Self.webPage)
        expiresIn = min(Self.seconds(members, "expires_in") ?? Self.unstatedLife, Self.longestLife)
        interval = min(Self.seconds(members, "interval") ?? Self.standardInterval, Self.longestInterval)
    }

    /// What a person can be told to open: nothing that steers a terminal, and no other program than a browser.
    private static func webPage(_ text: String) -> String? { try? EndpointURL(text).text }

    private static func seconds(_ members: AnswerMembers, _ name: String) -> Duration? {
        guard let stated = members[name]?.decimal, stated >= 1 else { return nil }
        return .seconds(Int64(min(stated, 86_400)))
    }
}
