import Foundation
import GRDB
import OAuth2
import TestSupport
import Testing

@testable import TokenStore

struct SealTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test(arguments: [0, 16, 31, 33, 64])
    func `A key of another length than 32 bytes is refused`(count: Int) {
        let short = Secret(bytes: Array(repeating: 7, count: count))
        #expect(throws: TokenStoreError.invalidKey(byteCount: count)) { try StateKeys(sealing: short) }
        #expect(throws: TokenStoreError.invalidKey(byteCount: count)) {
            try StateKeys(sealing: stateKey(1), opening: [short])
        }
    }

    @Test func `A wrong key is refused and the database is left as it is`() async throws {
        let store = try directory.open(keys)
        try await store.save(makeToken())
        // The log is still there, as after kill -9.
        let (database, log) = (try directory.bytes(), try directory.bytes("-wal"))
        #expect(throws: TokenStoreError.wrongKey(path: directory.database)) { try directory.open(makeKeys(2, 3)) }
        #expect(try directory.bytes() == database)
        #expect(try directory.bytes("-wal") == log)
        #expect(try store.tokens().tokens == [makeToken()])
    }

    @Test func `Keys that must open all are refused where one is missing, and nothing is touched`() async throws {
        var store = try directory.open(makeKeys(1))
        try await store.save(makeToken(1, client: "old"))
        try store.close()
        store = try directory.open(makeKeys(2, 1))
        try await store.save(makeToken(2, client: "new"))
        try store.close()
        let database = try directory.bytes()
        for key: UInt8 in [1, 2] {
            let keys = try StateKeys(sealing: stateKey(key), opening: [stateKey(3)], openingAll: true)
            #expect(throws: TokenStoreError.wrongKey(path: directory.database)) { try directory.open(keys) }
        }
        #expect(try directory.bytes() == database)
        store = try directory.open(StateKeys(sealing: stateKey(1), opening: [stateKey(2)], openingAll: true))
        // With all sealed anew, no key of before is missed.
        #expect(try await store.rekey(to: StateKeys(sealing: stateKey(3), openingAll: true)) == 2)
        try store.close()
        store = try directory.open(StateKeys(sealing: stateKey(3), openingAll: true))
        #expect(try store.tokens().tokens.count == 2)
    }

    @Test func `The first key seals and all open`() async throws {
        var store = try directory.open(makeKeys(1))
        let (old, new) = (makeToken(1, client: "old"), makeToken(2, client: "new"))
        try await store.save(old)
        try store.close()

        store = try directory.open(makeKeys(2, 1))
        try await store.save(new)
        #expect(try store.tokens() == StoredTokens(tokens: [old, new], unreadable: []))
        try store.close()

        store = try directory.open(makeKeys(2))
        let expected = [UnreadableToken(client: "old", reason: .keyMissing)]
        #expect(try store.tokens() == StoredTokens(tokens: [new], unreadable: expected))
    }

    @Test func `A row that another client's was copied into is skipped`() async throws {
        let store = try directory.open(keys)
        for (number, client) in ["a", "b", "c"].enumerated() { try await store.save(makeToken(number, client: client)) }
        try store.close()
        try directory.tamper(
            """
            UPDATE access_token SET sealed_value = (SELECT sealed_value FROM access_token WHERE client = 'a')
            WHERE client = 'b'
            """
        )
        let found = try directory.open(keys).tokens()
        #expect(found.tokens.map(\.slot.client.value) == ["a", "c"])
        #expect(found.unreadable == [UnreadableToken(client: "b", reason: .sealBroken)])
    }

    @Test(arguments: [
        "client = 'shipping'", "target = (SELECT target FROM access_token WHERE client = 'other')",
        "client_id = x'78'", "token_endpoint = x'68747470733A2F2F6576696C2F'", "token_type = x'44506F50'",
        "scope = x'0000000000000000'",
        "received_since_boot = received_since_boot + 1", "received_since_epoch = received_since_epoch + 1",
        "received_boot = 'x'", "lifetime = lifetime + 1", "lifetime = NULL", "refresh_age = refresh_age - 1",
        "refresh_age = NULL", "sealed_value = x''", "sealed_value = zeroblob(40)",
        "sealed_value = substr(sealed_value, 1, length(sealed_value) - 1)",
        "sealed_value = CAST(sealed_value || x'00' AS BLOB)",
    ])
    func `An altered column breaks the seal`(change: String) async throws {
        let store = try directory.open(keys)
        try await store.save(makeToken())
        try await store.save(makeToken(2, client: "other", target: TokenTarget(audience: "other")))
        try store.close()
        try directory.tamper("UPDATE access_token SET \(change) WHERE client = 'billing'")
        let found = try directory.open(keys).tokens()
        #expect(found.tokens.map(\.slot.client.value) == ["other"])
        #expect(found.unreadable.map(\.reason) == [.sealBroken])
    }

    @Test func `A row with bytes that are no text is skipped`() async throws {
        let store = try directory.open(keys)
        try await store.save(makeToken())
        try store.close()
        try directory.tamper("UPDATE access_token SET client_id = x'FF'")
        let expected = [UnreadableToken(client: "billing", reason: .malformed)]
        #expect(try directory.open(keys).tokens() == StoredTokens(tokens: [], unreadable: expected))
    }

    @Test func `Every changed bit of a sealed value breaks the seal`() throws {
        let key = keys.sealing
        let sealed = try key.seal(Secret("token"), identity: Array("row".utf8))
        #expect(key.open(sealed, identity: Array("row".utf8)) == Secret("token"))
        #expect(key.open(sealed, identity: Array("roW".utf8)) == nil)
        #expect(StateKey(stateKey(2)).open(sealed, identity: Array("row".utf8)) == nil)
        for index in sealed.indices {
            for bit in 0..<8 {
                var altered = sealed
                altered[index] ^= 1 << bit
                #expect(key.open(altered, identity: Array("row".utf8)) == nil)
            }
        }
    }

    @Test func `The same value is sealed differently each time`() throws {
        let seals = try (0..<100).map { _ in try keys.sealing.seal(Secret("token"), identity: []) }
        #expect(Set(seals).count == seals.count)
        #expect(Set(seals.map { $0.prefix(12) }).count == seals.count)
    }

    @Test func `No token is in the files in the clear, nor a key`() async throws {
        let store = try directory.open(makeKeys(1, 2))
        let values = (0..<50).map { "secret-token-\($0)-\(String(repeating: "x", count: $0 * 40))" }
        for (number, value) in values.enumerated() {
            try await store.save(makeToken(number, client: "c\(number % 10)", value: value))
        }
        try await store.removeTokens(of: clientName("c3"))
        var files = try directory.names.map { try directory.bytes(String($0.dropFirst("tokenbroker.db".count))) }
        #expect(files.count == 3, "the database, its log and the log's index")
        try store.close()
        files.append(try directory.bytes())
        for file in files {
            #expect(!file.isEmpty)
            #expect(file.range(of: Data("secret-token".utf8)) == nil)
            for key in [stateKey(1), stateKey(2)] { #expect(file.range(of: Data(key.exposedBytes().prefix(8))) == nil) }
        }
        // The search finds what is there in the clear.
        #expect(files.contains { $0.range(of: Data("https://as.example/token/49".utf8)) != nil })
    }

    @Test func `The bytes by which rows are found never change`() {
        let target = TokenTarget(scope: ScopeSet(["b", "a"]), audience: "é", resource: ["r"])
        let expected =
            "0000000000000002" + "0000000000000001" + "61" + "0000000000000001" + "62" + "01" + "0000000000000002"
            + "c3a9" + "0000000000000001" + "0000000000000001" + "72"
        #expect(hexadecimal(target.canonicalBytes) == expected)
        #expect(hexadecimal(keys.sealing.id) == "69aa9590ec211a39")
    }

    @Test func `Bytes that are cut, prolonged or absurd are no target`() {
        let bytes = TokenTarget(scope: ScopeSet(["a"]), audience: "b", resource: ["c"]).canonicalBytes
        #expect(TokenTarget(canonicalBytes: bytes) != nil)
        for count in 0..<bytes.count { #expect(TokenTarget(canonicalBytes: bytes.prefix(count)) == nil) }
        #expect(TokenTarget(canonicalBytes: bytes + [0]) == nil)
        #expect(TokenTarget(canonicalBytes: Data([0x7F] + Array(repeating: 0xFF, count: 30))) == nil)
        #expect(TokenTarget(canonicalBytes: Data([0xFF] + Array(repeating: 0xFF, count: 30))) == nil)
        var random = SeededGenerator(seed: 3)
        for _ in 0..<5_000 {
            var mutated = bytes
            mutated[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            guard let target = TokenTarget(canonicalBytes: mutated) else { continue }
            #expect(target.canonicalBytes.count <= mutated.count)
        }
    }
}

func hexadecimal(_ data: Data) -> String {
    data.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}
