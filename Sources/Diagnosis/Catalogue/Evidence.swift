/// What speaks for the causes of one kind, and what against them.
enum Evidence {
    /// The server does not accept who the client is, or how it proves it.
    static let client: [Finding: Int] = [
        .fakeClientRefused: Points.support, .noVariantAccepted: Points.hint,
        .fakeGrantRefused: Points.disproof, .fakeGrantNotAllowed: Points.disproof, .clientAccepted: Points.disproof,
        .unlikeMadeUpSecret: Points.disproof, .otherEncodingAccepted: Points.disproof,
        .otherMethodAccepted: Points.disproof, .noSecretAccepted: Points.disproof,
        .otherSecretAccepted: Points.disproof, .granted: Points.disproof,
    ]

    /// The server does not accept the secret that is sent.
    static let secret = client.with([.noSecretConfigured: Points.disproof])

    /// The server lets the client in, and not have what it asks for.
    static let permission: [Finding: Int] = [
        .clientAccepted: Points.support, .unlikeMadeUpSecret: Points.support,
        .fakeClientRefused: Points.disproof, .granted: Points.disproof,
        .otherEncodingAccepted: Points.disproof, .otherMethodAccepted: Points.disproof,
        .noSecretAccepted: Points.disproof, .otherSecretAccepted: Points.disproof,
    ]

    /// The refresh token is of no use any more.
    static let refreshToken: [Finding: Int] = [
        .fakeGrantRefused: Points.support, .sameAsFakeGrant: Points.support, .unlikeMadeUpSecret: Points.hint,
        .fakeClientRefused: Points.disproof, .fakeGrantNotAllowed: Points.disproof, .granted: Points.disproof,
    ]

    /// The code, or what goes with it, is not what the server expects.
    static let code: [Finding: Int] = [
        .fakeGrantRefused: Points.support, .clientAccepted: Points.hint, .sameAsFakeGrant: Points.hint,
        .fakeClientRefused: Points.disproof, .fakeGrantNotAllowed: Points.disproof,
    ]

    /// What answers is not the token endpoint.
    static let place: [Finding: Int] = [
        .fakeGrantRefused: Points.disproof, .fakeClientRefused: Points.disproof,
        .fakeGrantNotAllowed: Points.disproof, .clientAccepted: Points.disproof, .granted: Points.disproof,
    ]

    /// There is no way to the server.
    static let way = place.with([.certificateAccepted: Points.doubt])
}

extension [Finding: Int] {
    /// These, with `others` in the place of those of the same finding.
    func with(_ others: [Finding: Int]) -> [Finding: Int] { merging(others) { _, other in other } }
}
