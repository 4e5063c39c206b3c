package import OAuth2
import Synchronization

/// Tokens as they are stored: read from the database, and each sealed until somebody wants it.
///
/// To open a token takes longer than to read it, and most are first wanted minutes after a start.
package struct SealedTokens: Sendable {
    private var rows: [AccessTokenRow]

    /// The rows that hold what this version never writes.
    package let unreadable: [UnreadableToken]

    private let opener: Opener

    /// What opens the rows, with what rows before had.
    private final class Opener: Sendable {
        let keys: StateKeys
        let known: Mutex<KnownValues>

        init(keys: StateKeys, known: KnownValues) {
            self.keys = keys
            self.known = Mutex(known)
        }
    }

    init(_ rows: [AccessTokenRow], unreadable: [UnreadableToken], keys: StateKeys, knowing known: KnownValues) {
        self.init(rows, unreadable: unreadable, by: Opener(keys: keys, known: known))
    }

    private init(_ rows: [AccessTokenRow], unreadable: [UnreadableToken], by opener: Opener) {
        self.rows = rows
        self.unreadable = unreadable
        self.opener = opener
    }

    /// Whether there is nothing to open.
    package var isEmpty: Bool { rows.isEmpty }

    /// Those of each client that rows name.
    package func byClient() -> [String: SealedTokens] {
        var places: [String: Int] = [:]
        var groups: [[AccessTokenRow]] = []
        for row in rows {
            if let place = places[row.client] {
                groups[place].append(row)
            } else {
                places[row.client] = groups.count
                groups.append([row])
            }
        }
        return places.mapValues { SealedTokens(groups[$0], unreadable: [], by: opener) }
    }

    /// Takes the token for `target` out and opens it; nothing when there is none.
    ///
    /// Only for what one client has: the same target may be another client's too.
    package mutating func take(_ target: TokenTarget) -> StoredTokens {
        let bytes = target.canonicalBytes
        let isTaken: (AccessTokenRow) -> Bool = { row in
            // The same text may be written in several ways, but not in ASCII alone.
            row.target == bytes || (!row.isTargetASCII && TokenTarget(canonicalBytes: row.target) == target)
        }
        let taken = rows.filter(isTaken)
        rows.removeAll(where: isTaken)
        return SealedTokens(taken, unreadable: [], by: opener).opened()
    }

    /// Opens all of them, and tells with each that it could not open why not.
    package func opened() -> StoredTokens {
        var collected = TokenCollection(rowsAreUnique: true)
        opener.known.withLock { known in
            for row in rows { collected.add(row, keys: opener.keys, knowing: &known) }
        }
        var stored = collected.stored
        stored.unreadable += unreadable
        return stored
    }
}
