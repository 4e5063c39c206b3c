import Foundation
import OAuth2

/// A grant, the access token that came with it and whose place it takes, sealed for a place outside the database.
enum SealedGrant {
    typealias Contents = (grant: RefreshGrant, token: StoredToken?, account: AccountReplacement)

    private static let label = "tokenbroker sealed grant 2"

    /// Of versions that knew no subject: one of them may have left a refresh token behind.
    private static let olderLabel = "tokenbroker sealed grant 1"

    static func seal(
        _ grant: RefreshGrant,
        token: StoredToken?,
        replacing account: AccountReplacement,
        with key: StateKey
    ) throws -> Data {
        var plaintext = CanonicalEncoder()
        defer { plaintext.wipe() }
        plaintext.append(grant)
        plaintext.append(token != nil)
        if let token { plaintext.append(token) }
        plaintext.append(account != .same)
        plaintext.append(account == .another)
        var sealed = identity(label, key.id)
        sealed.append(try key.seal(plaintext.secret, identity: sealed.bytes))
        return Data(sealed.bytes)
    }

    static func open(_ bytes: Data, keys: StateKeys) -> Contents? {
        var decoder = CanonicalDecoder(bytes)
        do {
            let label = try decoder.text()
            guard label == Self.label || label == olderLabel, let key = keys[try decoder.data()] else { return nil }
            let sealed = try decoder.data()
            try decoder.end()
            guard let plaintext = key.open(sealed, identity: identity(label, key.id).bytes) else { return nil }
            return unsafe plaintext.withUnsafeBytes { bytes in
                // Nothing of what is decoded keeps these bytes.
                unsafe contents(
                    of: Data(
                        bytesNoCopy: UnsafeMutableRawPointer(mutating: bytes.baseAddress!),
                        count: bytes.count,
                        deallocator: .none
                    ),
                    hasSubject: label == Self.label
                )
            }
        } catch { return nil }
    }

    private static func contents(of plaintext: Data, hasSubject: Bool) -> Contents? {
        var decoder = CanonicalDecoder(plaintext)
        do {
            let grant = try decoder.grant(hasSubject: hasSubject)
            let token = try decoder.flag() ? try decoder.token() : nil
            var account = AccountReplacement.same
            if hasSubject {
                let (isReplaced, isKnown) = (try decoder.flag(), try decoder.flag())
                if isReplaced { account = isKnown ? .another : .unknown }
            }
            try decoder.end()
            return (grant, token, account)
        } catch { return nil }
    }

    /// What stands before the seal, and what it is bound to.
    private static func identity(_ label: String, _ keyID: Data) -> CanonicalEncoder {
        var encoder = CanonicalEncoder()
        encoder.append(label)
        encoder.append(keyID)
        return encoder
    }
}

// Each is read in the order in which it is written.

extension CanonicalEncoder {
    fileprivate mutating func append(_ grant: RefreshGrant) {
        append(grant.id.client.value)
        append(grant.id.lineage.value)
        append(grant.sequence)
        append(grant.refreshToken)
        append(grant.clientID)
        append(grant.tokenEndpoint)
        append(grant.firstIssuedAt.nanoseconds)
        append(grant.renewedAt.nanoseconds)
        append(grant.statedEnd?.nanoseconds)
        append(grant.isRotating)
        append(grant.subject?.id)
        append(grant.subject?.name)
    }

    fileprivate mutating func append(_ stored: StoredToken) {
        append(stored.slot.client.value)
        append(stored.slot.target.canonicalBytes)
        append(stored.token.value)
        append(stored.token.tokenType)
        append(stored.token.scope.canonicalBytes)
        append(stored.token.lifetime?.nanoseconds)
        append(stored.token.receipt)
        append(stored.refreshAge?.nanoseconds)
        append(stored.lastAsked != nil)
        if let asked = stored.lastAsked { append(asked) }
        append(stored.clientID)
        append(stored.tokenEndpoint)
    }

    private mutating func append(_ receipt: Receipt) {
        append(receipt.moment.sinceBoot.nanoseconds)
        append(receipt.moment.sinceEpoch.nanoseconds)
        append(receipt.boot.value)
    }
}

extension CanonicalDecoder {
    fileprivate mutating func grant(hasSubject: Bool) throws(Malformed) -> RefreshGrant {
        var grant = RefreshGrant(
            id: GrantID(client: try clientName(), lineage: GrantLineage(try text())),
            sequence: try number(),
            refreshToken: try secret(),
            clientID: try text(),
            tokenEndpoint: try text(),
            firstIssuedAt: .nanoseconds(try number()),
            renewedAt: .nanoseconds(try number()),
            statedEnd: try optionalDuration(),
            isRotating: try flag()
        )
        guard hasSubject else { return grant }
        let (id, name) = (try optionalText(), try optionalText())
        grant.subject = id.map { LoginSubject(id: $0, name: name) }
        return grant
    }

    fileprivate mutating func token() throws(Malformed) -> StoredToken {
        let client = try clientName()
        guard let target = TokenTarget(canonicalBytes: try data()) else { throw Malformed() }
        let (value, tokenType) = (try secret(), try text())
        guard let scope = ScopeSet(canonicalBytes: try data()) else { throw Malformed() }
        return StoredToken(
            slot: TokenSlotID(client: client, target: target),
            token: AccessToken(
                value: value,
                tokenType: tokenType,
                scope: scope,
                lifetime: try optionalDuration(),
                receipt: try receipt()
            ),
            refreshAge: try optionalDuration(),
            lastAsked: try flag() ? try receipt() : nil,
            clientID: try text(),
            tokenEndpoint: try text()
        )
    }

    private mutating func clientName() throws(Malformed) -> ClientName {
        guard let name = ClientName(try text()) else { throw Malformed() }
        return name
    }

    private mutating func optionalDuration() throws(Malformed) -> Duration? {
        try optionalNumber().map(Duration.nanoseconds)
    }

    private mutating func receipt() throws(Malformed) -> Receipt {
        Receipt(
            moment: Moment(sinceBoot: .nanoseconds(try number()), sinceEpoch: .nanoseconds(try number())),
            boot: BootID(try text())
        )
    }
}
