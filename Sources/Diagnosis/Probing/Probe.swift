import OAuth2

/// A question to the network or the server whose answer tells causes apart; none presents what could be spent.
package enum Probe: Sendable, Hashable {
    /// Resolves the server's name.
    case name

    /// Connects to the server, and looks at its certificate.
    case connection

    /// Gets the metadata of the issuer (RFC 8414, OpenID Connect Discovery).
    case metadata

    /// Gets the issuer's keys, which at some providers are at another host than the token endpoint.
    case keys

    /// Presents a refresh token that nobody ever issued, authenticated as configured.
    case fakeRefreshToken

    /// Presents a code that nobody ever issued, authenticated as configured.
    case fakeCode

    /// Presents what `ProbeSubject.presentation` says, authenticated in another way.
    case variant(AuthenticationVariant)

    /// Presents what `ProbeSubject.presentation` says, with a secret that was made up.
    case madeUpSecret

    /// Presents what `ProbeSubject.presentation` says, with a client_id that was made up, and a secret where the
    /// client's method has one.
    case madeUpClient

    /// Asks for a token as the client does; it can cost.
    case asConfigured

    /// Asks for a token as the client does, without scope; it can cost.
    case withoutScope

    /// Its name in reports.
    package var name: String {
        switch self {
        case .name: "name"
        case .connection: "connection"
        case .metadata: "metadata"
        case .keys: "keys"
        case .fakeRefreshToken: "fake_refresh_token"
        case .fakeCode: "fake_code"
        case .variant(let variant): "authentication_\(variant.name)"
        case .madeUpSecret: "made_up_secret"
        case .madeUpClient: "made_up_client"
        case .asConfigured: "as_configured"
        case .withoutScope: "without_scope"
        }
    }

    /// What it may find.
    var findings: Set<Finding> {
        switch self {
        case .name: [.nameFound, .nameUnknown]
        case .connection:
            [
                .connected, .unreachable, .certificateAccepted, .certificateExpired, .certificateForAnotherName,
                .certificateUntrusted, .tlsFailed, .proxyRefused,
            ]
        case .metadata:
            [.metadataFound, .metadataMissing, .metadataOfAnotherIssuer, .endpointDiffersFromMetadata]
        case .keys: [.keysFound, .keysMissing]
        case .fakeRefreshToken, .fakeCode:
            [
                .fakeGrantRefused, .fakeClientRefused, .fakeGrantNotAllowed, .fakeAnswerUnclear, .clientAccepted,
                .sameAsFakeGrant,
            ]
        case .variant:
            [
                .otherEncodingAccepted, .otherMethodAccepted, .otherSecretAccepted, .noSecretAccepted,
                .noVariantAccepted, .secretNotSent,
            ]
        case .madeUpSecret: [.sameAsMadeUpSecret, .unlikeMadeUpSecret]
        case .madeUpClient: [.sameAsMadeUpClient, .unlikeMadeUpClient]
        case .asConfigured: [.granted]
        case .withoutScope: [.grantedWithoutScope, .refusedWithoutScope, .otherwiseWithoutScope]
        }
    }

    /// Whether it says something only beside what the client as it is configured was answered.
    var needsControl: Bool {
        switch self {
        case .variant, .madeUpSecret, .madeUpClient: true
        case .name, .connection, .metadata, .keys, .fakeRefreshToken, .fakeCode, .asConfigured, .withoutScope: false
        }
    }

    /// Cheap ones first: what costs the server nothing, then what it must look up, then what it may bill.
    var cost: Int {
        switch self {
        case .name: 1
        case .connection: 2
        case .metadata, .keys: 3
        case .fakeRefreshToken, .fakeCode: 4
        case .variant: 5
        case .madeUpSecret, .madeUpClient: 6
        case .asConfigured: 7
        case .withoutScope: 8
        }
    }
}

/// One way to send a secret (RFC 6749 §2.3.1), of those that the client authentication matrix tries.
package struct AuthenticationVariant: Sendable, Hashable {
    /// Where a secret stands in the request, and how it is written.
    package enum Form: String, Sendable, Hashable, CaseIterable {
        case basicForm = "basic_form"
        case basicRaw = "basic_raw"
        case body
        case none
    }

    package var form: Form

    /// The place of the secret among the client's, from 0; nil for none.
    package var secret: Int?

    package init(form: Form, secret: Int?) {
        self.form = form
        self.secret = secret
    }

    /// Its name in reports.
    var name: String { secret.map { $0 == 0 ? form.rawValue : "\(form.rawValue)_\($0 + 1)" } ?? form.rawValue }
}
