import OAuth2

extension Catalogue {
    /// Microsoft Entra ID, whose numbers name most causes; see `login.microsoftonline.com/error?code=NUMBER`.
    static let entra = Catalogue(
        signatures: [
            SignatureRow(
                Signature(grants: [.authorizationCode], errors: ["70008"]),
                [(.codeExpired, 150), (.codeReused, 20)]
            ),
            SignatureRow(
                Signature(grants: [.authorizationCode], errors: ["70000"]),
                [(.codeReused, 50), (.codeExpired, 45), (.redirectMismatch, 20)]
            ),
        ]
            + entraNumbers.map { numbers, causes in
                SignatureRow(Signature(errors: Set(numbers.map(String.init))), causes)
            } + [
                SignatureRow(
                    Signature(errors: ["invalid_client"]),
                    [
                        (.wrongSecret, 40), (.secretIdentifierPasted, 30), (.secretExpired, 30),
                        (.assertionRefused, 10),
                        (.secretNotSent, 5), (.secretNotWanted, 5), (.secretMalformed, 0),
                    ]
                ),
                SignatureRow(
                    Signature(errors: ["unauthorized_client"]),
                    [(.unknownClient, 60), (.disabledClient, 40), (.grantNotAllowed, 30), (.tenantUnknown, 20)]
                ),
                SignatureRow(
                    Signature(errors: ["invalid_scope"]),
                    [(.scopeOfWrongKind, 50), (.scopeNotAllowed, 45)]
                ),
                SignatureRow(Signature(errors: ["invalid_resource"]), [(.targetNotAllowed, 80), (.tenantUnknown, 20)]),
                SignatureRow(
                    Signature(grants: [.refreshToken], errors: ["invalid_grant"]),
                    [
                        (.refreshTokenExpired, 40), (.refreshTokenRevoked, 40), (.sessionEnded, 30),
                        (.personWanted, 25),
                        (.consentMissing, 10), (.refreshTokenReused, 0),
                    ]
                ),
            ],
        places: entraPlaces,
        remedies: entraRemedies
    )

    private static let entraNumbers: [([Int], [(CauseID, Int)])] = [
        (
            [7_000_215],
            // Microsoft has one number for both, and says itself that the ID may have been pasted.
            [(.wrongSecret, 90), (.secretIdentifierPasted, 50), (.secretMalformed, 0), (.secretReplaced, 20)]
        ),
        ([7_000_222], [(.secretExpired, 150), (.wrongSecret, 10)]),
        ([7_000_218, 7_000_216], [(.secretNotSent, 150), (.authenticationMethod, 20)]),
        ([700_025], [(.secretNotWanted, 150), (.authenticationMethod, 10)]),
        // The application's registration is not in this tenant: either of the two may be the wrong one.
        ([700_016], [(.unknownClient, 95), (.tenantUnknown, 50)]),
        ([7_000_112], [(.disabledClient, 150), (.unknownClient, 10)]),
        // The scope has no place here: of several resources, or not a resource's .default.
        ([70_011, 1_002_012, 28_000], [(.scopeOfWrongKind, 80), (.scopeNotAllowed, 60), (.targetNotAllowed, 20)]),
        (
            [500_011, 50_001, 650_057, 650_052],
            [(.targetNotAllowed, 100), (.scopeNotAllowed, 60), (.tenantUnknown, 20)]
        ),
        ([90_002, 900_023], [(.tenantUnknown, 150), (.wrongPath, 20)]),
        ([50_194, 50_059, 9_002_332], [(.tenantShared, 150), (.tenantUnknown, 40)]),
        ([700_027, 50_012, 50_013, 700_023], [(.assertionRefused, 90), (.clockWrong, 55)]),
        ([700_024, 500_133], [(.clockWrong, 100), (.assertionRefused, 50)]),
        ([65_001, 90_094, 65_004], [(.consentMissing, 150), (.personWanted, 20)]),
        ([50_076, 50_078, 50_079, 50_074, 53_000, 53_001, 53_003], [(.personWanted, 150), (.sessionEnded, 20)]),
        ([70_043], [(.refreshTokenExpired, 110), (.personWanted, 60)]),
        ([50_173], [(.refreshTokenRevoked, 100), (.sessionEnded, 90)]),
        ([50_057], [(.sessionEnded, 150), (.personWanted, 20)]),
        ([700_082, 70_008, 700_084], [(.refreshTokenExpired, 150), (.refreshTokenRevoked, 20)]),
        ([70_000], [(.refreshTokenRevoked, 60), (.refreshTokenExpired, 40), (.refreshTokenOfAnotherClient, 30)]),
        ([54_005], [(.codeReused, 150), (.codeExpired, 20)]),
        ([50_011, 500_112, 500_117], [(.redirectMismatch, 150)]),
        ([501_481, 50_148], [(.verifierMismatch, 150)]),
        ([900_144], [(.scopeMissing, 80), (.requestMalformed, 60)]),
        ([70_001, 7_000_114, 7_000_011], [(.grantNotAllowed, 90), (.disabledClient, 40)]),
        ([70_003], [(.grantNotOffered, 110), (.grantNotAllowed, 40)]),
        ([50_196], [(.clientLoops, 150), (.throttled, 40)]),
        ([90_055], [(.throttled, 150), (.clientLoops, 20)]),
        ([50_033, 90_006, 90_012, 90_024, 90_033, 50_087, 80_005], [(.serverFailing, 150)]),
    ]

    private static let entraApp = "Microsoft Entra admin center > App registrations > the application"
    private static let entraLog = "Microsoft Entra admin center > Sign-in logs, by the trace id"

    private static let entraPlaces: [CauseID: String] = [
        .wrongSecret: "\(entraApp) > Certificates & secrets > Client secrets",
        .secretIdentifierPasted:
            "\(entraApp) > Certificates & secrets > Client secrets: the column Value, not Secret ID",
        .secretExpired: "\(entraApp) > Certificates & secrets > Client secrets: the column Expires",
        .secretReplaced: "\(entraApp) > Certificates & secrets > Client secrets",
        .secretNotSent: "\(entraApp) > Authentication > Allow public client flows",
        .secretNotWanted: "\(entraApp) > Authentication > Allow public client flows",
        .unknownClient: "\(entraApp) > Overview: Application (client) ID and Directory (tenant) ID",
        .disabledClient: "Microsoft Entra admin center > Enterprise applications > the application > Properties",
        .assertionRefused: "\(entraApp) > Certificates & secrets > Certificates: the thumbprint",
        .grantNotAllowed: "\(entraApp) > Authentication",
        .scopeNotAllowed: "\(entraApp) > API permissions",
        .scopeOfWrongKind: "\(entraApp) > API permissions",
        .targetNotAllowed: "Microsoft Entra admin center > Enterprise applications: whether the resource is there",
        .consentMissing: "\(entraApp) > API permissions > Grant admin consent",
        .tenantUnknown: "Microsoft Entra admin center > Overview: Tenant ID",
        .tenantShared: "\(entraApp) > Overview: Directory (tenant) ID",
        .redirectMismatch: "\(entraApp) > Authentication > Redirect URIs",
        .personWanted: "\(entraLog): Conditional Access",
        .sessionEnded: entraLog,
        .refreshTokenRevoked: entraLog,
        .refreshTokenExpired: entraLog,
        .refreshTokenOfAnotherClient: entraLog,
        .clientLoops: entraLog,
        .throttled: entraLog,
        .serverFailing: "Microsoft Entra admin center > Service health",
    ]

    private static let entraRemedies: [CauseID: String] = [
        .wrongSecret: "Put the value of a client secret, not its Secret ID, where client_secret in {section} says.",
        .unknownClient: "Set tenant and client_id in {section} to a tenant and an application that is registered or "
            + "consented to in it.",
        .tenantUnknown: "Set tenant in {section} to the Directory (tenant) ID of the application's registration.",
        .scopeOfWrongKind:
            "Ask in {section} for one resource's scope, which is RESOURCE/.default for client_credentials.",
        .scopeMissing: "Name the scopes that the refresh is to bring in {section}.",
        .targetNotAllowed: "Check the resource's identifier in the scopes of {section}, and have the tenant's "
            + "administrator add the resource.",
        .personWanted: "Log in again with `tokenctl login {client}`, or exempt the client from the policy that asks a "
            + "person.",
    ]
}
