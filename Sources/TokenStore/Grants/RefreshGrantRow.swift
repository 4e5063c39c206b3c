import Foundation
import OAuth2

/// The sealed part of a row of `refresh_grant`: a refresh token, and what its seal is bound to.
struct RefreshGrantRow: Sendable {
    var client: String
    var lineage: String
    var sequence: Int64
    var clientID: String
    var tokenEndpoint: String
    var firstIssuedAt: Int64
    var renewedAt: Int64
    var statedEnd: Int64?
    var isRotating: Bool
    var keyID: Data
    var sealedToken: Data

    /// Not sealed.
    var subject: LoginSubject?

    /// A row that was moved to another client or lineage, or a column that was altered, does not open.
    private var identity: [UInt8] {
        var identity = CanonicalEncoder()
        identity.append("tokenbroker refresh grant 1")
        identity.append(keyID)
        identity.append(client)
        identity.append(lineage)
        identity.append(sequence)
        identity.append(clientID)
        identity.append(tokenEndpoint)
        identity.append(firstIssuedAt)
        identity.append(renewedAt)
        identity.append(statedEnd)
        identity.append(isRotating)
        return identity.bytes
    }

    /// Seals `grant` with `key`.
    init(_ grant: RefreshGrant, key: StateKey) throws {
        client = grant.id.client.value
        lineage = grant.id.lineage.value
        sequence = grant.sequence
        clientID = grant.clientID
        tokenEndpoint = grant.tokenEndpoint
        firstIssuedAt = grant.firstIssuedAt.nanoseconds
        renewedAt = grant.renewedAt.nanoseconds
        statedEnd = grant.statedEnd?.nanoseconds
        isRotating = grant.isRotating
        keyID = Data()
        sealedToken = Data()
        subject = grant.subject
        try seal(grant.refreshToken, with: key)
    }

    private mutating func seal(_ token: Secret, with key: StateKey) throws {
        keyID = key.id
        sealedToken = try key.seal(token, identity: identity)
    }

    /// The refresh token; throws why it cannot be had.
    private func token(_ keys: StateKeys) throws(UnreadableGrant) -> Secret {
        guard let key = keys[keyID] else { throw UnreadableGrant(client: client, reason: .keyMissing) }
        guard let token = key.open(sealedToken, identity: identity) else {
            throw UnreadableGrant(client: client, reason: .sealBroken)
        }
        return token
    }

    /// Opens the row; throws why it cannot be.
    func opened(with keys: StateKeys) throws(UnreadableGrant) -> RefreshGrant {
        let token = try token(keys)
        guard let name = ClientName(client) else { throw UnreadableGrant(client: client, reason: .malformed) }
        return RefreshGrant(
            id: GrantID(client: name, lineage: GrantLineage(lineage)),
            sequence: sequence,
            refreshToken: token,
            clientID: clientID,
            tokenEndpoint: tokenEndpoint,
            firstIssuedAt: .nanoseconds(firstIssuedAt),
            renewedAt: .nanoseconds(renewedAt),
            statedEnd: statedEnd.map(Duration.nanoseconds),
            isRotating: isRotating,
            subject: subject
        )
    }

    /// The same row under another seal; nil when it cannot be opened.
    func resealed(with key: StateKey, opening keys: StateKeys) throws -> RefreshGrantRow? {
        guard let token = try? token(keys) else { return nil }
        var row = self
        try row.seal(token, with: key)
        return row
    }
}
