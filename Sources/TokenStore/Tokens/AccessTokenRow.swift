import Foundation
import GRDB
import OAuth2

/// A row of `access_token`: a token sealed, and what of it is in the clear.
struct AccessTokenRow: Sendable {
    var client: String
    var target: Data
    var clientID: String
    var tokenEndpoint: String
    var tokenType: String
    var scope: Data
    var receivedSinceBoot: Int64
    var receivedSinceEpoch: Int64
    var receivedBoot: String
    var lifetime: Int64?
    var refreshAge: Int64?
    var lastAsked: LastAsked?
    var keyID: Data
    var sealedValue: Data

    /// When a caller last wanted the token: the one part that changes without a new seal.
    struct LastAsked: Sendable {
        var sinceBoot: Int64
        var sinceEpoch: Int64
        var boot: String
    }

    /// What the seal is bound to: everything in the clear but the last asking.
    ///
    /// A row that was moved to another slot, or a column that was altered, does not open.
    private var identity: [UInt8] {
        var identity = CanonicalEncoder()
        identity.append("tokenbroker access token 1")
        identity.append(keyID)
        identity.append(client)
        identity.append(target)
        identity.append(clientID)
        identity.append(tokenEndpoint)
        identity.append(tokenType)
        identity.append(scope)
        identity.append(receivedSinceBoot)
        identity.append(receivedSinceEpoch)
        identity.append(receivedBoot)
        identity.append(lifetime)
        identity.append(refreshAge)
        return identity.bytes
    }

    /// Seals `stored` with `key`.
    init(_ stored: StoredToken, key: StateKey) throws {
        client = stored.slot.client.value
        target = stored.slot.target.canonicalBytes
        clientID = stored.clientID
        tokenEndpoint = stored.tokenEndpoint
        tokenType = stored.token.tokenType
        scope = stored.token.scope.canonicalBytes
        receivedSinceBoot = stored.token.receipt.moment.sinceBoot.nanoseconds
        receivedSinceEpoch = stored.token.receipt.moment.sinceEpoch.nanoseconds
        receivedBoot = stored.token.receipt.boot.value
        lifetime = stored.token.lifetime?.nanoseconds
        refreshAge = stored.refreshAge?.nanoseconds
        lastAsked = stored.lastAsked.map(LastAsked.init)
        keyID = Data()
        sealedValue = Data()
        try seal(stored.token.value, with: key)
    }

    private mutating func seal(_ value: Secret, with key: StateKey) throws {
        keyID = key.id
        sealedValue = try key.seal(value, identity: identity)
    }

    /// The token itself; throws why it cannot be had.
    private func value(_ keys: StateKeys, _ known: inout KnownValues) throws(UnreadableToken) -> Secret {
        guard let key = known.opener(keyID, of: keys) else {
            throw UnreadableToken(client: client, reason: .keyMissing)
        }
        guard let value = key.open(sealedValue, identity: identity) else {
            throw UnreadableToken(client: client, reason: .sealBroken)
        }
        return value
    }

    /// The same row under another seal; nil when it cannot be opened.
    func resealed(
        with key: StateKey,
        opening keys: StateKeys,
        knowing known: inout KnownValues
    ) throws -> AccessTokenRow? {
        guard let value = try? value(keys, &known) else { return nil }
        var row = self
        try row.seal(value, with: key)
        return row
    }

    /// Opens the row; throws why it cannot be.
    func opened(with keys: StateKeys, knowing known: inout KnownValues) throws(UnreadableToken) -> StoredToken {
        let value = try value(keys, &known)
        guard let name = ClientName(client), let target = known.target(target), let scope = known.scope(scope)
        else { throw UnreadableToken(client: client, reason: .malformed) }
        return StoredToken(
            slot: TokenSlotID(client: name, target: target),
            token: AccessToken(
                value: value,
                tokenType: tokenType,
                scope: scope,
                lifetime: lifetime.map(Duration.nanoseconds),
                receipt: Receipt(
                    sinceBoot: receivedSinceBoot,
                    sinceEpoch: receivedSinceEpoch,
                    boot: receivedBoot
                )
            ),
            refreshAge: refreshAge.map(Duration.nanoseconds),
            lastAsked: lastAsked.map { Receipt(sinceBoot: $0.sinceBoot, sinceEpoch: $0.sinceEpoch, boot: $0.boot) },
            clientID: clientID,
            tokenEndpoint: tokenEndpoint
        )
    }
}

extension TokenTarget {
    /// The form by which a slot's row is found.
    var canonicalBytes: Data {
        var encoder = CanonicalEncoder()
        encoder.append(scope.tokens)
        encoder.append(audience)
        encoder.append(resource)
        return Data(encoder.bytes)
    }

    init?(canonicalBytes: Data) {
        var decoder = CanonicalDecoder(canonicalBytes)
        do {
            let scope = try decoder.texts()
            let audience = try decoder.optionalText()
            let resource = try decoder.texts()
            try decoder.end()
            self.init(scope: ScopeSet(scope), audience: audience, resource: resource)
        } catch { return nil }
    }
}

extension ScopeSet {
    var canonicalBytes: Data {
        var encoder = CanonicalEncoder()
        encoder.append(tokens)
        return Data(encoder.bytes)
    }

    init?(canonicalBytes: Data) {
        var decoder = CanonicalDecoder(canonicalBytes)
        do {
            let tokens = try decoder.texts()
            try decoder.end()
            self.init(tokens)
        } catch { return nil }
    }
}

extension Receipt {
    fileprivate init(sinceBoot: Int64, sinceEpoch: Int64, boot: String) {
        self.init(
            moment: Moment(sinceBoot: .nanoseconds(sinceBoot), sinceEpoch: .nanoseconds(sinceEpoch)),
            boot: BootID(boot)
        )
    }
}

extension AccessTokenRow.LastAsked {
    init(_ receipt: Receipt) {
        self.init(
            sinceBoot: receipt.moment.sinceBoot.nanoseconds,
            sinceEpoch: receipt.moment.sinceEpoch.nanoseconds,
            boot: receipt.boot.value
        )
    }
}
