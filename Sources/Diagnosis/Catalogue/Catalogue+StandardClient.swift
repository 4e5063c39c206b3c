import OAuth2

extension Catalogue {
    /// Who the client is, and how it proves it.
    static let clientCauses: [Cause] = [
        Cause(
            .wrongSecret,
            "The authorization server does not accept the secret that is in {section}.",
            remedy: "Put the client's present secret where client_secret in {section} says.",
            lookUp: "the client's secrets in its registration at the authorization server",
            evidence: Evidence.secret.with([
                .secretChanged: Points.support, .secretUnchanged: Points.doubt, .workedBefore: -Points.hint,
                .neverWorked: Points.hint, .secretOddlyFormed: Points.hint, .unlikeMadeUpClient: Points.support,
            ]),
            alike: [.unknownClient, .disabledClient, .secretReplaced]
        ),
        Cause(
            .unknownClient,
            "The authorization server knows no client with the client_id that is in {section}.",
            remedy: "Set client_id in {section} to the identifier that this very authorization server gave the client.",
            lookUp:
                "the client's registration at the authorization server, and whether it is in this tenant, realm or pool",
            evidence: Evidence.client.with([
                .unlikeMadeUpClient: Points.disproof, .identifierOddlyFormed: Points.support,
                .identifierChanged: Points.support, .workedBefore: Points.doubt, .neverWorked: Points.hint,
                .secretChanged: Points.doubt, .metadataOfAnotherIssuer: Points.hint,
            ]),
            alike: [.wrongSecret, .disabledClient, .secretNotSent]
        ),
        Cause(
            .disabledClient,
            "The client is disabled at the authorization server.",
            remedy: "Enable the client at the authorization server, or have its operator do so.",
            lookUp: "whether the client is enabled in its registration at the authorization server",
            evidence: Evidence.client.with([
                .unlikeMadeUpSecret: Points.hint, .unlikeMadeUpClient: Points.hint, .workedBefore: Points.hint,
                .secretUnchanged: Points.support, .secretChanged: Points.doubt,
                .clientAccepted: Points.doubt, .fakeGrantNotAllowed: Points.doubt,
            ]),
            alike: [.wrongSecret, .unknownClient, .secretReplaced]
        ),
        Cause(
            .secretMalformed,
            "The secret in {section} is not as the authorization server gave it: something stands in or around it that "
                + "does not belong there.",
            remedy:
                "Write the secret that client_secret in {section} names once more, without white space, a line's end, "
                + "quotes or percent-encoding.",
            lookUp: "the secret itself, byte by byte: `od -c` shows what an editor hides",
            evidence: Evidence.secret.with([
                .secretHasWhiteSpace: Points.proof, .secretOddlyFormed: Points.support,
            ])
        ),
        Cause(
            .identifierAndSecretSwapped,
            "The client_id and the secret in {section} stand in each other's place.",
            remedy: "Exchange client_id and client_secret in {section}.",
            evidence: Evidence.secret.with([.identifierAndSecretSwapped: Points.proof])
        ),
        Cause(
            .secretIdentifierPasted,
            "The secret in {section} is the secret's identifier, and not its value.",
            remedy:
                "Put the secret's value, which is shown only when it is made, where client_secret in {section} says.",
            lookUp: "the client's list of secrets, which shows the identifier beside the hidden value",
            evidence: Evidence.secret.with([.secretIsUUID: Points.proof])
        ),
        Cause(
            .secretExpired,
            "The secret in {section} has expired.",
            remedy: "Make a new secret at the authorization server, and put it where client_secret in {section} says.",
            lookUp: "the end of the client's secrets in its registration at the authorization server",
            evidence: Evidence.secret.with([
                .unlikeMadeUpSecret: Points.support, .workedBefore: Points.hint, .secretUnchanged: Points.support,
                .neverWorked: Points.doubt,
            ])
        ),
        Cause(
            .secretReplaced,
            "The secret in {section} was accepted once, and has been replaced or deleted at the authorization server.",
            remedy: "Put the secret that the authorization server has now where client_secret in {section} says.",
            lookUp: "when the client's secrets were made, in its registration at the authorization server",
            evidence: Evidence.secret.with([
                .otherSecretAccepted: Points.proof, .workedBefore: Points.support, .secretUnchanged: Points.support,
                .secretChanged: Points.doubt, .neverWorked: Points.doubt, .unlikeMadeUpClient: Points.support,
            ]),
            alike: [.wrongSecret, .disabledClient]
        ),
        Cause(
            .secretNotSent,
            "The client sends no secret, and the authorization server wants one.",
            remedy: "Name a client_secret in {section}, and how it is sent by client_authentication.",
            lookUp: "whether the client is confidential or public in its registration at the authorization server",
            evidence: Evidence.client.with([.secretNotSent: Points.proof, .noSecretConfigured: Points.support]),
            alike: [.unknownClient]
        ),
        Cause(
            .secretNotWanted,
            "The client sends a secret, and the authorization server has it down as a public client without one.",
            remedy:
                "Set client_authentication = \"none\" in {section}, or give the client a secret at the authorization "
                + "server.",
            lookUp: "whether the client is confidential or public in its registration at the authorization server",
            evidence: Evidence.client.with([.noSecretAccepted: Points.proof, .noVariantAccepted: Points.disproof])
        ),
        Cause(
            .basicEncoding,
            "The authorization server reads the Basic header otherwise than it is written.",
            remedy: "Set basic_encoding in {section} to the other of \"form\" and \"raw\".",
            evidence: Evidence.secret.with([
                .otherEncodingAccepted: Points.proof, .noVariantAccepted: Points.disproof,
                .secretHasEncodedCharacters: Points.support, .workedBefore: Points.doubt,
            ])
        ),
        Cause(
            .authenticationMethod,
            "The authorization server wants the client to prove itself in another way than it does.",
            remedy: "Set client_authentication in {section} to the method that the client is registered with.",
            lookUp: "the client's authentication method in its registration at the authorization server",
            evidence: Evidence.client.with([
                .otherMethodAccepted: Points.proof, .noVariantAccepted: Points.disproof, .workedBefore: Points.doubt,
            ])
        ),
        Cause(
            .assertionRefused,
            "The authorization server does not accept the assertion that the client signs: {words}.",
            remedy: "Check that the public half of private_key in {section} is registered for the client at the "
                + "authorization server, and that assertion_audience is what it wants there.",
            lookUp: "the keys and the issuer that are registered for the client at the authorization server",
            evidence: Evidence.client.with([.clocksAgree: Points.hint, .neverWorked: Points.hint])
        ),
        Cause(
            .certificateRefused,
            "The authorization server refuses the client's certificate in the TLS handshake, or the lack of one: {words}.",
            remedy: "Check certificate in {section}: that it is registered at the authorization server or signed by an "
                + "authority that it trusts, not expired, and followed by the certificates in between.",
            lookUp: "the certificate or the subject that is registered for the client at the authorization server",
            evidence: Evidence.client
        ),
    ]
}
