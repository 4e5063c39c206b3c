import GRDB
import OAuth2
import Synchronization

/// Which first refresh tokens were taken over, as the database and the file beside it have it.
final class Takeovers: Sendable {
    private let file: FirstTokenFile
    private struct Recorded {
        var values: Set<String>
        var clients: Set<ClientName>
    }

    private let recorded: Mutex<Recorded>

    private init(file: FirstTokenFile, recorded: [Takeover]) {
        self.file = file
        self.recorded = Mutex(
            Recorded(
                values: Set(recorded.map(\.firstToken.value)),
                clients: Set(recorded.map(\.firstToken.client))
            )
        )
    }

    /// Merges what the database and the file hold, and adds to each what only the other has.
    ///
    /// The file alone is left of what a lost database knew; what it lacks could not be written.
    static func merge(_ database: Database, _ file: FirstTokenFile, read lines: [Takeover]) throws -> Takeovers {
        let rows = try FirstTokenTable.read(database)
        let (inRows, inLines) = (Set(rows.map(\.firstToken)), Set(lines.map(\.firstToken)))
        for takeover in lines where !inRows.contains(takeover.firstToken) {
            try FirstTokenTable.add(takeover, database)
        }
        try? file.append(rows.filter { !inLines.contains($0.firstToken) })
        return Takeovers(file: file, recorded: rows + lines)
    }

    /// Takes in what the database has just recorded, and writes it beside the database too, as far as that can be.
    func record(_ takeover: Takeover) {
        let isNew = recorded.withLock { recorded in
            recorded.clients.insert(takeover.firstToken.client)
            return recorded.values.insert(takeover.firstToken.value).inserted
        }
        if isNew { try? file.append([takeover]) }
    }

    func contains(_ firstToken: FirstTokenFingerprint) -> Bool {
        recorded.withLock { $0.values.contains(firstToken.value) }
    }

    func hasAny(of client: ClientName) -> Bool { recorded.withLock { $0.clients.contains(client) } }
}
