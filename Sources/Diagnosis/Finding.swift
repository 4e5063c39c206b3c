/// What was found out about a client or its server: by looking at the configuration, at the history, or by asking.
package enum Finding: String, Sendable, Hashable, CaseIterable {
    // The configuration
    case secretHasWhiteSpace, secretOddlyFormed, secretIsUUID, identifierAndSecretSwapped, identifierOddlyFormed
    case secretNotSent, noSecretConfigured, secretHasEncodedCharacters
    case pathDiffers, pathAgrees, regionsDiffer, hostIsForeign, tenantIsShared
    case scopesAreOpenID, scopeLacksIdentifier, scopeNotDefault, scopeMissing, scopeNamed, noScopeNamed, grantNotOffered
    case redirectOddlyFormed, redirectDiffers

    // The history
    case workedBefore, neverWorked, secretChanged, secretUnchanged, identifierChanged
    case refreshTokenOverAge, refreshTokenIdle, refreshTokenUnanswered, refreshTokenNeverWorked
    case codeOverAge, codeFresh, codePresentedBefore, codePresentedOnce, firstErrorOfChain
    case clockAhead, clockBehind, clocksAgree

    // The way to the server
    case nameFound, nameUnknown, connected, unreachable, certificateAccepted, certificateExpired
    case certificateForAnotherName, certificateUntrusted, tlsFailed, proxyRefused

    // The provider's other host
    case metadataFound, metadataMissing, metadataOfAnotherIssuer, endpointDiffersFromMetadata, keysFound, keysMissing

    // A refresh token or code that nobody ever issued
    case fakeGrantRefused, fakeClientRefused, fakeGrantNotAllowed, fakeAnswerUnclear

    // What such a refresh token tells a client that presents something else; and where the server does not say why
    case clientAccepted, sameAsFakeGrant

    // The client authentication matrix
    case otherEncodingAccepted, otherMethodAccepted, otherSecretAccepted, noSecretAccepted, noVariantAccepted
    case sameAsMadeUpSecret, unlikeMadeUpSecret, sameAsMadeUpClient, unlikeMadeUpClient

    // The client's own request, once more
    case granted, grantedWithoutScope, refusedWithoutScope, otherwiseWithoutScope
}

/// A finding in words.
package struct Observation: Sendable, Hashable {
    package var finding: Finding

    /// One sentence for people, without secrets.
    package var evidence: String

    package init(_ finding: Finding, _ evidence: String) {
        self.finding = finding
        self.evidence = evidence
    }
}
