/// Names one login or takeover: every refresh token that descends from it is of one lineage.
package struct GrantLineage: Sendable, Hashable, CustomStringConvertible {
    /// 32 hexadecimal digits when made here; compared as it is.
    package let value: String

    /// The lineage of that name.
    package init(_ value: String) { self.value = value }

    /// A lineage that is no other's.
    package static func random() -> GrantLineage {
        var generator = SystemRandomNumberGenerator()
        return GrantLineage((0..<2).map { _ in hexadecimal(generator.next()) }.joined())
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    package var description: String { value }
}

/// Names a grant: whose it is, and from which login it descends.
package struct GrantID: Sendable, Hashable {
    package let client: ClientName
    package let lineage: GrantLineage

    package init(client: ClientName, lineage: GrantLineage) {
        self.client = client
        self.lineage = lineage
    }
}

/// A refresh token that is held for a client, and where it stands in its lineage (RFC 6749 §1.5).
package struct RefreshGrant: Sendable, Equatable {
    package var id: GrantID

    /// Counts the refresh tokens of the lineage, from 1; a rotated token is one more than its parent.
    package var sequence: Int64

    package var refreshToken: Secret

    /// The client_id that it was issued to: it is nobody else's (RFC 6749 §6).
    package var clientID: String

    /// The address that was configured when it was issued: of the token endpoint, or of the issuer that names it.
    package var tokenEndpoint: String

    /// When the lineage began, since 1970-01-01 UTC: what keeps the original's end is counted from here.
    package var firstIssuedAt: Duration

    /// When the server last granted something for it, since 1970-01-01 UTC: idle times are counted from here.
    package var renewedAt: Duration

    /// Its end by the server's own word, since 1970-01-01 UTC; nil when it said none.
    package var statedEnd: Duration?

    /// Whether the server may take each refresh token only once; what is not known counts as such.
    package var isRotating: Bool

    /// Who gave it; nil when that is not known.
    package var subject: LoginSubject?

    /// A grant whose every part is known; times are cut to whole nanoseconds when it is stored.
    package init(
        id: GrantID,
        sequence: Int64 = 1,
        refreshToken: Secret,
        clientID: String,
        tokenEndpoint: String,
        firstIssuedAt: Duration,
        renewedAt: Duration,
        statedEnd: Duration? = nil,
        isRotating: Bool = true,
        subject: LoginSubject? = nil
    ) {
        self.id = id
        self.sequence = sequence
        self.refreshToken = refreshToken
        self.clientID = clientID
        self.tokenEndpoint = tokenEndpoint
        self.firstIssuedAt = firstIssuedAt
        self.renewedAt = renewedAt
        self.statedEnd = statedEnd
        self.isRotating = isRotating
        self.subject = subject
    }
}
