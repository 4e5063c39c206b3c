import Crypto
import Foundation
package import OAuth2

/// The keys that seal the state: the first seals, all open.
package struct StateKeys: Sendable {
    /// What AES-256 takes.
    package static let byteCount = 32

    let sealing: StateKey
    /// Whether a database is refused of which they open a part only.
    let openAll: Bool

    private let byID: [Data: StateKey]

    /// Takes keys of 32 bytes each; `opening` are earlier keys, whose rows are still read.
    ///
    /// - Parameter openingAll: Whether a database is refused when one of the keys that sealed it is missing; else when all
    ///   of them are.
    package init(sealing: Secret, opening: [Secret] = [], openingAll: Bool = false) throws(TokenStoreError) {
        for key in [sealing] + opening where key.count != StateKeys.byteCount {
            throw .invalidKey(byteCount: key.count)
        }
        self.sealing = StateKey(sealing)
        openAll = openingAll
        byID = Dictionary(([sealing] + opening).map(StateKey.init).map { ($0.id, $0) }) { first, _ in first }
    }

    /// These keys, which also open what `others` open.
    func adding(_ others: StateKeys) -> StateKeys {
        StateKeys(sealing: sealing, openAll: openAll, byID: byID.merging(others.byID) { own, _ in own })
    }

    private init(sealing: StateKey, openAll: Bool, byID: [Data: StateKey]) {
        self.sealing = sealing
        self.openAll = openAll
        self.byID = byID
    }

    /// The key that has this id; nil when it was not given.
    subscript(id: Data) -> StateKey? { byID[id] }
}

/// One key, with the id by which rows name it.
///
/// It stays where secrets are kept; the library has a copy for as long as it seals, opens or reads a table, and wipes it.
struct StateKey: Sendable {
    /// Enough to tell an operator's keys apart; of a random key it gives nothing away.
    static let idByteCount = 8

    let id: Data
    private let secret: Secret

    init(_ secret: Secret) {
        self.secret = secret
        var hash = SHA256()
        // The label keeps the id apart from every other hash of the same key.
        hash.update(data: Array("tokenbroker state key id\0".utf8))
        unsafe secret.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        id = Data(hash.finalize().prefix(StateKey.idByteCount))
    }

    private var key: SymmetricKey { unsafe secret.withUnsafeBytes { unsafe SymmetricKey(data: $0) } }

    /// Seals `plaintext` so that it opens only with the same `identity`: nonce, ciphertext and tag in one.
    func seal(_ plaintext: Secret, identity: [UInt8]) throws -> Data {
        let box = try unsafe plaintext.withUnsafeBytes { bytes in
            try unsafe AES.GCM.seal(bytes, using: key, authenticating: identity)
        }
        return Data(box.nonce) + box.ciphertext + box.tag
    }

    /// Opens what `seal` made; nil when it, or `identity`, was altered, or another key sealed it.
    func open(_ sealed: Data, identity: [UInt8]) -> Secret? { opener.open(sealed, identity: identity) }

    /// The key as the library has it, for who opens much at once.
    var opener: Opener { Opener(key: key) }

    /// Opens what a key sealed.
    struct Opener {
        fileprivate let key: SymmetricKey

        /// As `StateKey.open`.
        func open(_ sealed: Data, identity: [UInt8]) -> Secret? {
            guard let box = try? AES.GCM.SealedBox(combined: sealed),
                var plaintext = try? AES.GCM.open(box, using: key, authenticating: identity)
            else { return nil }
            defer { plaintext.wipe() }
            return Secret(plaintext.span)
        }
    }
}
