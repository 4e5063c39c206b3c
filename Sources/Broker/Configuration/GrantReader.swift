import OAuth2

/// Reads what a client presents to be given a token, and what is known of it beforehand.
struct GrantReader {
    let table: TableReader
    let source: SourceFile

    private var findings: Findings { table.findings }

    /// What was read.
    struct Reading {
        var grant: Grant? = .clientCredentials
        var firstRefreshToken: [SecretSource] = []
        var rotation = Rotation.auto
        var refreshTokenLifetime: Duration?
        var refreshTokenIdle: Duration?
    }

    /// What stands in the table over what is known of the provider.
    func read(_ profile: ProviderProfile) -> Reading {
        switch readGrant() {
        case .clientCredentials:
            refuseUseless(for: .clientCredentials)
            return Reading()
        case .jwtBearer:
            refuseUseless(for: .jwtBearer)
            return Reading(grant: .jwtBearer)
        case .refreshToken:
            return readRefreshToken(profile)
        case .authorizationCode:
            return readLogin(.authorizationCode, profile)
        case .deviceCode:
            return readLogin(.deviceCode, profile)
        case nil:
            // What a grant that nobody knows takes is not known either.
            for name in Self.keys { _ = table.node(name) }
            return Reading(grant: nil)
        }
    }

    /// The grant, or nil when it is wrong; that is then reported.
    private func readGrant() -> Grant? {
        let written = table.string("grant")
        guard table.has("grant") else { return .clientCredentials }
        guard let written else { return nil }
        if let grant = Grant.allCases.first(where: { $0.name == written.value }) { return grant }
        findings.refuseChoice(written, among: Grant.allCases.map(\.name))
        return nil
    }

    private func refuseUseless(for grant: Grant) {
        for name in Self.keys {
            guard let written = table.node(name) else { continue }
            findings.refuse(
                written,
                "grant = \(grant.name.shown) has no use for it",
                remedy: "write grant = \(Grant.refreshToken.name.shown), or remove it"
            )
        }
        if let written = table.string(EndpointKind.revocation.rawValue) {
            findings.warn(
                written,
                "not used, since grant = \(grant.name.shown) has nothing to revoke",
                remedy: "remove it"
            )
        }
    }

    private func readRefreshToken(_ profile: ProviderProfile) -> Reading {
        var reading = Reading(grant: .refreshToken)
        if let written = table.node("refresh_token") {
            reading.firstRefreshToken = SecretSourceReader(findings: findings, source: source).read(written)
        } else {
            findings.warn(
                DottedKey.joined(table.key, "refresh_token"),
                at: table.place,
                "missing, so that only a grant that was taken over before is served",
                remedy: "add refresh_token = { file = \"PATH\" }"
            )
        }
        readLife(profile, into: &reading)
        return reading
    }

    /// A grant that a login brings.
    private func readLogin(_ grant: Grant, _ profile: ProviderProfile) -> Reading {
        var reading = Reading(grant: grant)
        if let written = table.node("refresh_token") {
            findings.refuse(
                written,
                "grant = \(grant.name.shown) has no use for it, as its refresh tokens come from logins",
                remedy: "remove it and run tokenctl login, or write grant = \(Grant.refreshToken.name.shown)"
            )
        }
        readLife(profile, into: &reading)
        return reading
    }

    /// What is known beforehand of every grant that is kept.
    private func readLife(_ profile: ProviderProfile, into reading: inout Reading) {
        let rotation: Written<Rotation>? = table.choice("rotation")
        reading.rotation = rotation?.value ?? .auto
        let lifetime = table.string("refresh_token_lifetime")
        let idle = table.string("refresh_token_idle")
        reading.refreshTokenLifetime = duration(lifetime, or: profile.refreshTokenLifetime)
        reading.refreshTokenIdle = duration(idle, or: profile.refreshTokenIdle)
        if let idle, let unused = reading.refreshTokenIdle, let whole = reading.refreshTokenLifetime, unused >= whole {
            findings.warn(
                idle,
                "never reached, since the grant ends with refresh_token_lifetime",
                remedy: "write less than \(lifetime?.value.shown ?? "that of the provider"), or remove it"
            )
        }
    }

    /// The duration that is written, which may be `never`; that of the provider where none is.
    private func duration(_ written: Written<String>?, or preset: Duration?) -> Duration? {
        guard let written else { return preset }
        return written.value == "never" ? nil : findings.duration(written, within: Self.lifeBounds)
    }

    /// Below two seconds no grant could be kept alive at half of it, as a slot is asked for at most once a second;
    /// beyond ten years is a slip.
    private static let lifeBounds = DurationBounds(
        range: .seconds(2) ... .seconds(3650 * 86_400),
        text: "\"2s\" to \"3650d\", or \"never\""
    )

    /// What a grant that a person gave has and the client's own authority has not.
    private static let keys = ["refresh_token", "rotation", "refresh_token_lifetime", "refresh_token_idle"]
}
