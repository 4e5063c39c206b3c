import Foundation
import GRDB
import OAuth2

@testable import TokenStore

/// A directory that goes with the test.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("TokenStoreTests-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Where the tests keep their database.
    var database: String { path + "/state/tokenbroker.db" }

    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path + "/state").sorted() }
    }

    func bytes(_ suffix: String = "") throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: database + suffix))
    }

    func write(_ bytes: Data, _ suffix: String = "") throws {
        try bytes.write(to: URL(fileURLWithPath: database + suffix))
    }

    /// What a database that is set aside now is called after.
    static let setAside = ".corrupt-20261126T104507Z"

    func open(_ keys: StateKeys) throws -> TokenStore {
        try TokenStore.open(path: database, keys: keys, now: { .seconds(1_795_689_907) })
    }

    /// Changes the closed database as no store would.
    func tamper(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        let queue = try DatabaseQueue(path: database)
        try queue.write { try $0.execute(sql: sql, arguments: arguments) }
        try queue.close()
    }
}

extension TokenStore {
    /// Saves all of them in one transaction.
    func fill(_ tokens: [StoredToken]) async throws {
        try await queue.write { database in
            for token in tokens { try AccessTokenTable.save(try AccessTokenRow(token, key: keys.sealing), database) }
        }
    }

    /// For long walks over what the store means, not over what it survives.
    func doNotWaitForTheDisk() async throws {
        try await queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = OFF") }
    }
}

/// Keys that differ in every byte.
func stateKey(_ number: UInt8) -> Secret { Secret(bytes: (0..<32).map { number &* 37 &+ $0 }) }

let keys = makeKeys(1)

func makeKeys(_ first: UInt8, _ others: UInt8...) -> StateKeys {
    guard let keys = try? StateKeys(sealing: stateKey(first), opening: others.map(stateKey)) else {
        fatalError("keys of 32 bytes are refused")
    }
    return keys
}

func clientName(_ text: String) -> ClientName {
    guard let name = ClientName(text) else { fatalError("no client name: \(text)") }
    return name
}

/// A token whose every field is set and depends on `number`.
func makeToken(
    _ number: Int = 1,
    client: String = "billing",
    target: TokenTarget = TokenTarget(scope: ScopeSet(["read"])),
    value: String? = nil
) -> StoredToken {
    StoredToken(
        slot: TokenSlotID(client: clientName(client), target: target),
        token: AccessToken(
            value: Secret(value ?? "value-\(number)"),
            tokenType: "Bearer",
            scope: ScopeSet(["read", "s\(number)"]),
            lifetime: .seconds(3600 + number),
            receipt: Receipt(moment: moment(number), boot: BootID("boot-\(number)"))
        ),
        refreshAge: .nanoseconds(2_700_000_000_001 + Int64(number)),
        lastAsked: Receipt(moment: moment(number + 7), boot: BootID("asked-\(number)")),
        clientID: "id-\(number)",
        tokenEndpoint: "https://as.example/token/\(number)"
    )
}

func moment(_ number: Int) -> Moment {
    Moment(
        sinceBoot: .seconds(number) + .nanoseconds(123_456_789),
        sinceEpoch: .seconds(1_700_000_000 + number) + .nanoseconds(987_654_321)
    )
}
