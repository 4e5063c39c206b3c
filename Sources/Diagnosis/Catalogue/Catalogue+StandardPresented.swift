import OAuth2

extension Catalogue {
    /// What the client presents.
    static let presentedCauses: [Cause] = [
        Cause(
            .refreshTokenRevoked,
            "The refresh token was revoked.",
            remedy: LoginRemedy.either,
            lookUp: "the person's sessions and grants, and who ended them, at the authorization server",
            evidence: Evidence.refreshToken.with([.workedBefore: Points.hint, .refreshTokenNeverWorked: -Points.hint]),
            alike: [
                .refreshTokenExpired, .refreshTokenReused, .refreshTokenOfAnotherClient, .sessionEnded,
                .publisherTesting,
            ]
        ),
        Cause(
            .refreshTokenExpired,
            "The refresh token's time is over.",
            remedy: LoginRemedy.either,
            lookUp: "the lifetime of refresh tokens in the client's registration at the authorization server",
            evidence: Evidence.refreshToken.with([
                .refreshTokenOverAge: Points.proof, .refreshTokenIdle: Points.proof,
            ]),
            alike: [
                .refreshTokenRevoked, .refreshTokenReused, .refreshTokenOfAnotherClient, .sessionEnded,
                .publisherTesting,
            ]
        ),
        Cause(
            .refreshTokenReused,
            "The refresh token was used before, by this client or by somebody else, and only its successor counts.",
            remedy: "Make sure that nothing else uses this refresh token, and log in again: `tokenctl login {client}`.",
            lookUp: "the authorization server's log for the use of a refresh token that was replaced",
            evidence: Evidence.refreshToken.with([
                .refreshTokenUnanswered: Points.proof, .firstErrorOfChain: Points.support,
            ]),
            alike: [.refreshTokenRevoked, .refreshTokenExpired, .refreshTokenOfAnotherClient, .sessionEnded]
        ),
        Cause(
            .refreshTokenOfAnotherClient,
            "The refresh token was issued to another client, or by another authorization server.",
            remedy: "Log in with the client_id that is in {section}, and put the refresh token that this brings in the "
                + "place of the present one.",
            lookUp: "for which client_id the refresh token was issued",
            evidence: Evidence.refreshToken.with([
                // So does one that was revoked or expired before it was handed over.
                .identifierChanged: Points.proof, .refreshTokenNeverWorked: 2 * Points.hint,
                .neverWorked: Points.hint, .workedBefore: Points.doubt,
            ]),
            alike: [.refreshTokenRevoked, .refreshTokenExpired, .refreshTokenReused]
        ),
        Cause(
            .sessionEnded,
            "The person signed out, was disabled or changed the password, and the grant ended with that.",
            remedy: LoginRemedy.either,
            lookUp: "whether the person is enabled, and when their sessions ended, at the authorization server",
            evidence: Evidence.refreshToken.with([.workedBefore: Points.hint, .refreshTokenNeverWorked: -Points.hint]),
            alike: [.refreshTokenRevoked, .refreshTokenExpired, .refreshTokenReused]
        ),
        Cause(
            .personWanted,
            "The authorization server wants a person to act: a login, a second factor, a policy.",
            remedy: LoginRemedy.either,
            lookUp: "the person's sign-in log and the policies that apply to the client, at the authorization server",
            evidence: Evidence.refreshToken
        ),
        Cause(
            .codeReused,
            "The code was presented before, and counts only once.",
            remedy: "Log in again for a new code, and look for what else presents it: `tokenctl login {client}`.",
            lookUp: "the authorization server's log for the requests with the code",
            evidence: Evidence.code.with([
                .codePresentedBefore: Points.proof, .codePresentedOnce: Points.doubt,
                .firstErrorOfChain: Points.doubt,
            ]),
            alike: [.codeExpired, .verifierMismatch, .redirectMismatch, .attributeNotReadable]
        ),
        Cause(
            .codeExpired,
            "The code was older than the authorization server lets it be.",
            remedy: "Log in again, and within the code's few minutes: `tokenctl login {client}`.",
            lookUp: "the authorization server's log for when the code was issued",
            // Its age counts from the beginning of the login, and a person may have been slow before the code was issued.
            evidence: Evidence.code.with([.codeOverAge: Points.support, .codeFresh: Points.doubt]),
            alike: [.codeReused, .verifierMismatch, .redirectMismatch, .attributeNotReadable]
        ),
        Cause(
            .codeConsumedByFirstError,
            "The first attempt failed ({words}) and used the code up, so that every later one is refused.",
            remedy: "Mend what the first error names, and log in again for a new code: `tokenctl login {client}`.",
            evidence: Evidence.code.with([.firstErrorOfChain: Points.proof, .fakeClientRefused: 0])
        ),
        Cause(
            .verifierMismatch,
            "The code_verifier does not belong to the code_challenge of the login (PKCE).",
            remedy: "Log in again, and let one program both begin and finish the login: `tokenctl login {client}`.",
            lookUp: "the authorization server's log for the login",
            evidence: Evidence.code,
            alike: [.codeReused, .codeExpired, .attributeNotReadable]
        ),
        Cause(
            .redirectMismatch,
            "The redirect_uri is not the very text that the login began with, or that is registered.",
            remedy:
                "Set redirect_uri in {section} to the registered text, byte for byte and encoded once, and log in again.",
            lookUp: "the redirect URIs in the client's registration at the authorization server",
            evidence: Evidence.code.with([
                // Another client's may be registered beside it.
                .redirectDiffers: 60, .redirectOddlyFormed: Points.support,
            ]),
            alike: [.codeReused, .codeExpired]
        ),
        Cause(
            .attributeNotReadable,
            "The client may not read an attribute that a scope of the login stands for.",
            remedy: "Let the client read the attributes of its scopes at the authorization server, and log in again.",
            lookUp: "the attributes that the client may read, in its registration at the authorization server",
            evidence: Evidence.code,
            alike: [.codeReused, .codeExpired, .verifierMismatch]
        ),
        Cause(
            .requestMalformed,
            "The authorization server finds the token request malformed: {words}.",
            remedy:
                "Check audience, resource and parameters in {section} against what the authorization server expects.",
            lookUp: "the authorization server's log for the request",
            evidence: [
                .fakeClientRefused: Points.doubt, .granted: Points.disproof, .grantedWithoutScope: Points.doubt,
                .secretNotSent: Points.doubt,
            ]
        ),
    ]
}
