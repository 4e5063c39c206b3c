import Foundation
package import OAuth2
import Synchronization

/// Tokens as they are stored: read from the database, and each sealed until somebody wants it.
///
/// To open a token takes longer than to read it, and most are first wanted minutes after a start.
package struct SealedTokens: Sendable {
    /// What was read, all at once, and what opens it.
    private final class Rows: Sendable {
        let all: [AccessTokenRow]
        let keys: StateKeys
        let known: Mutex<KnownValues>

        init(_ all: [AccessTokenRow], keys: StateKeys, known: KnownValues) {
            self.all = all
            self.keys = keys
            self.known = Mutex(known)
        }
    }

    private let rows: Rows

    /// Which of the rows.
    private var places: [Int]

    /// The rows that hold what this version never writes.
    package let unreadable: [UnreadableToken]

    init(_ rows: [AccessTokenRow], unreadable: [UnreadableToken], keys: StateKeys, knowing known: KnownValues) {
        self.init(Rows(rows, keys: keys, known: known), at: Array(rows.indices), unreadable: unreadable)
    }

    private init(_ rows: Rows, at places: [Int], unreadable: [UnreadableToken] = []) {
        self.rows = rows
        self.places = places
        self.unreadable = unreadable
    }

    /// Whether there is nothing to open.
    package var isEmpty: Bool { places.isEmpty }

    /// Those of each client that rows name.
    package func byClient() -> [String: SealedTokens] {
        let groups = Dictionary(grouping: places) { rows.all[$0].client }
        return groups.mapValues { SealedTokens(rows, at: $0) }
    }

    /// Takes the token for `target` out and opens it; nothing when there is none.
    ///
    /// Only for what one client has: the same target may be another client's too.
    package mutating func take(_ target: TokenTarget) -> StoredTokens {
        let bytes = target.canonicalBytes
        var taken: [Int] = []
        places.removeAll { place in
            let isWanted = Self.isSame(rows.all[place].target, bytes, target)
            if isWanted { taken.append(place) }
            return isWanted
        }
        return SealedTokens(rows, at: taken).opened()
    }

    /// Whether `kept` is the target that is kept as `bytes`, too.
    private static func isSame(_ kept: Data, _ bytes: Data, _ target: TokenTarget) -> Bool {
        // The same text may be written in several ways, but not in ASCII alone.
        kept == bytes || (!kept.isASCII && TokenTarget(canonicalBytes: kept) == target)
    }

    /// Opens all of them, and tells of each that it could not open why not.
    package func opened() -> StoredTokens {
        var collected = TokenCollection(rowsAreUnique: true)
        rows.known.withLock { known in
            for place in places { collected.add(rows.all[place], keys: rows.keys, knowing: &known) }
        }
        var stored = collected.stored
        stored.unreadable += unreadable
        return stored
    }
}
