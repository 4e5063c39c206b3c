import Foundation
import GRDB
import OAuth2
import Testing

@testable import TokenStore

struct TakeoverTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private static let file = ".first-tokens"

    private func line(_ token: String, client: String = "billing") -> String {
        "\(client) \(firstToken(token, client: client).value) 1795689907\n"
    }

    private func lines() throws -> String { String(decoding: try directory.bytes(TakeoverTests.file), as: UTF8.self) }

    private func takeUp(_ token: String, client: String = "billing", in store: TokenStore) async throws {
        let grant = makeGrant(client: client, lineage: token)
        let first = firstToken(token, client: client)
        try await store.takeUp(grant, firstToken: first, droppingTokens: false, isRetaken: true)
    }

    @Test func `A fingerprint tells tokens apart, whoever has them, and never changes`() {
        func fingerprint(_ token: String, _ client: String = "billing") -> FirstTokenFingerprint {
            FirstTokenFingerprint(client: clientName(client), token: Secret(token))
        }
        #expect(fingerprint("token").value == "96aadf4b8477297f4a93d9d94c4617a6")
        #expect(fingerprint("token", "shipping").value == fingerprint("token").value)
        let fingerprints = [
            fingerprint("token"), fingerprint("token "), fingerprint(""),
            FirstTokenFingerprint(client: clientName("billing"), token: Secret(bytes: [0xFF, 0])),
        ]
        #expect(Set(fingerprints.map(\.value)).count == fingerprints.count)
        for fingerprint in fingerprints {
            #expect(fingerprint.value.count == 32)
            #expect(FirstTokenFingerprint(client: fingerprint.client, value: fingerprint.value) == fingerprint)
        }
    }

    @Test func `A takeover is known at once, after a restart, and for its own client only`() async throws {
        var store = try directory.open(keys)
        #expect(!store.wasTakenOver(firstToken("one")))
        #expect(!store.hasTakenOver(for: clientName("billing")))
        try await takeUp("one", in: store)
        for _ in 0..<2 {
            #expect(store.wasTakenOver(firstToken("one")))
            #expect(store.hasTakenOver(for: clientName("billing")))
            #expect(!store.wasTakenOver(firstToken("two")))
            #expect(!store.wasTakenOver(firstToken("one", client: "shipping")))
            #expect(!store.hasTakenOver(for: clientName("shipping")))
            try store.close()
            store = try directory.open(keys)
        }
    }

    @Test func `A first refresh token is taken over once, under whatever name, but on somebody's word`() async throws {
        let store = try directory.open(keys)
        try await takeUp("one", in: store)
        let renamed = FirstTokenFingerprint(client: clientName("invoices"), token: Secret("one of billing"))
        #expect(store.wasTakenOver(renamed))
        let grant = makeGrant(2, client: "invoices")
        let error = await #expect(throws: TokenStoreError.self) {
            try await store.takeUp(grant, firstToken: renamed, droppingTokens: false)
        }
        #expect(error?.description.contains("was taken over before") == true)
        #expect(try store.grants().grants.count == 1)
        try await store.takeUp(grant, firstToken: renamed, droppingTokens: false, isRetaken: true)
        #expect(try store.grants().grants.count == 2)
    }

    @Test func `A takeover stands beside the database, for its owner alone to read, once`() async throws {
        let store = try directory.open(keys)
        #expect(try directory.names.contains("tokenbroker.db" + TakeoverTests.file) == false)
        try await takeUp("one", in: store)
        try await takeUp("two", client: "shipping", in: store)
        try await takeUp("one", in: store)
        #expect(try lines() == line("one") + line("two", client: "shipping"))
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.database + TakeoverTests.file)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        try store.close()
        try directory.open(keys).close()
        #expect(try lines() == line("one") + line("two", client: "shipping"))
    }

    @Test(arguments: [true, false])
    func `A lost database's takeovers are known from the file`(isDamaged: Bool) async throws {
        var store = try directory.open(keys)
        try await takeUp("one", in: store)
        try await takeUp("two", client: "shipping", in: store)
        try store.close()
        if isDamaged {
            try directory.write(Data(repeating: 7, count: 20_000))
        } else {
            try FileManager.default.removeItem(atPath: directory.database)
        }
        store = try directory.open(keys)
        #expect((store.salvage != nil) == isDamaged)
        #expect(try store.grants().grants == [])
        #expect(store.wasTakenOver(firstToken("one")) && store.wasTakenOver(firstToken("two", client: "shipping")))
        try store.close()
        // The new database knows them too.
        try FileManager.default.removeItem(atPath: directory.database + TakeoverTests.file)
        #expect(try directory.open(keys).wasTakenOver(firstToken("one")))
        #expect(try lines() == line("one") + line("two", client: "shipping"))
    }

    @Test func `What the file lacks is added at the next start`() async throws {
        let store = try directory.open(keys)
        try await takeUp("one", in: store)
        let file = directory.database + TakeoverTests.file
        // Nobody can write to a directory.
        try FileManager.default.moveItem(atPath: file, toPath: file + ".moved")
        try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
        try await takeUp("two", in: store)
        #expect(store.wasTakenOver(firstToken("two")))
        try store.close()
        try FileManager.default.removeItem(atPath: file)
        try FileManager.default.moveItem(atPath: file + ".moved", toPath: file)
        #expect(try lines() == line("one"))
        #expect(try directory.open(keys).wasTakenOver(firstToken("two")))
        #expect(try lines() == line("one") + line("two"))
    }

    @Test func `Damaged lines are left out, and the next line begins anew`() async throws {
        try directory.open(keys).close()
        let damaged = [
            "", "billing", "billing  ", "\0\u{FF}\n\n", "bil/ling \(firstToken("a").value) 1",
            "billing \(firstToken("b").value)", "billing \(firstToken("c").value.uppercased()) 1",
            "billing \(firstToken("d").value) now", "billing \(firstToken("e").value.dropLast()) 1",
            " billing \(firstToken("f").value) 1", "billing \(firstToken("g").value) 1 2",
        ]
        let torn = "shipping \(firstToken("torn", client: "shipping").value.dropLast(3))"
        let text = line("one") + damaged.joined(separator: "\n") + "\n" + line("two") + torn
        try directory.write(Data(text.utf8), TakeoverTests.file)
        let store = try directory.open(keys)
        #expect(store.wasTakenOver(firstToken("one")) && store.wasTakenOver(firstToken("two")))
        for token in ["a", "b", "c", "d", "e", "f", "g"] { #expect(!store.wasTakenOver(firstToken(token)), "\(token)") }
        #expect(!store.hasTakenOver(for: clientName("shipping")))
        try await takeUp("three", in: store)
        try await takeUp("four", in: store)
        #expect(try lines() == text + "\n" + line("three") + line("four"))
    }

    @Test func `A file that cannot be read is an error that names it, before anything is changed`() throws {
        try directory.open(keys).close()
        let file = directory.database + TakeoverTests.file
        try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
        let damaged = Data(repeating: 7, count: 20_000)
        try directory.write(damaged)
        let error = #expect(throws: TokenStoreError.self) { try directory.open(keys) }
        guard case .unreadable(file, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try directory.bytes() == damaged)
        #expect(try directory.names == ["tokenbroker.db", "tokenbroker.db" + TakeoverTests.file])
    }

    @Test func `A takeover that was not stored is not recorded`() async throws {
        let store = try directory.open(keys)
        try await store.withoutRoom {
            var grant = makeGrant()
            grant.clientID = String(repeating: "x", count: 100_000)
            await #expect(throws: TokenStoreError.full(path: directory.database)) {
                try await store.takeUp(grant, firstToken: firstToken("one"), droppingTokens: true)
            }
        }
        #expect(!store.wasTakenOver(firstToken("one")))
        #expect(try directory.names.contains("tokenbroker.db" + TakeoverTests.file) == false)
    }
}
