import Foundation
import Glibc
import LinuxHost
import MockAuthorizationServer
import Testing

/// Where keys and tokens are in the daemon's memory, and where they are not any more.
@Suite(
    "In the daemon's memory",
    .enabled(if: geteuid() == 0, "only root may read the memory of a process that is not dumpable"),
    .timeLimit(.minutes(5))
)
struct MemorySecrecyTests {
    @Test("tokens are in the locked arena once, and no longer than they serve")
    func tokens() async throws {
        try await withRotation(.strict) { rotation in
            _ = try await withDaemon(in: rotation.room) { daemon in
                for _ in 0..<5 {
                    try await rotation.expectRefreshed()
                    for _ in 0..<20 { #expect(try await rotation.fetch().status == 200) }
                }
                let memory = try ProcessMemory(of: daemon.pid)
                #expect(memory.arenas.count == 1)
                #expect(memory.arenas.first?.addresses.count == KeyArena.usualByteCount)
                let issued = rotation.server.issuedTokens().map(\.value)
                let refreshTokens = rotation.server.refreshTokens().map(\.value.exposed)
                #expect(issued.count == 5)
                #expect(refreshTokens.count == 6)
                for tokens in [issued, refreshTokens] {
                    #expect(memory.placesInArena(of: Array(tokens[tokens.count - 1].utf8)).count == 1)
                    for old in tokens.dropLast() {
                        #expect(memory.placesInArena(of: Array(old.utf8)).count == 0)
                    }
                }
            }
        }
    }

    @Test("the state key is in the arena, and elsewhere only expanded, as the cipher's library leaves it")
    func stateKey() async throws {
        try await withRotation(.strict) { rotation in
            _ = try await withDaemon(in: rotation.room) { daemon in
                for _ in 0..<3 { try await rotation.expectRefreshed() }
                let key = [UInt8](try Data(contentsOf: URL(filePath: "\(rotation.room.state)/state.key")))
                let memory = try ProcessMemory(of: daemon.pid)
                #expect(key.count == 32)
                #expect(memory.placesInArena(of: key).count == 1)
                for place in memory.placesElsewhere(of: key) { #expect(isExpandedKey(place.prefix(48))) }
            }
        }
    }

    /// Whether three words behind an AES-256 key are what its expansion has there (FIPS 197 §5.2); the first takes a table.
    private func isExpandedKey(_ bytes: ArraySlice<UInt8>) -> Bool {
        let bytes = Array(bytes)
        return bytes.count == 48 && (36..<48).allSatisfy { bytes[$0] == bytes[$0 - 4] ^ bytes[$0 - 32] }
    }

    @Test("a secret of the configuration is in the arena while its client is configured")
    func removedClient() async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        let secret = Array("s3cret-within-the-configuration".utf8)
        func configure(_ more: String) throws {
            try room.configure(try room.client("billing", at: server), more)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: room.configuration)
        }
        try configure(
            """
            [clients.inline]
            token_endpoint = "\(server.tokenEndpoint)"
            client_id = "inline-id"
            client_secret = "\(String(decoding: secret, as: UTF8.self))"
            """
        )
        try await withDaemon(in: room) { daemon in
            #expect(try await Command.tokenctl("token", "inline", in: room).status == 0)
            #expect(try ProcessMemory(of: daemon.pid).placesInArena(of: secret).count > 0)
            try configure("")
            #expect(try await Command.tokenctl("reload", in: room).status == 0)
            #expect(try await Command.tokenctl("token", "inline", in: room).status == 77)
            #expect(try ProcessMemory(of: daemon.pid).placesInArena(of: secret).count == 0)
        }
        await server.stop()
    }

    @Test("there is no arena where nothing may be locked, which is said once, and the daemon serves")
    func unlocked() async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(room.client("billing", at: server))
        try await withDaemon(in: room, through: ["prlimit", "--memlock=0", "--"]) { daemon in
            let memory = try ProcessMemory(of: daemon.pid)
            #expect(memory.arenas.isEmpty)
            #expect(try await Command.tokenctl("token", "billing", in: room).status == 0)
        }
        let warnings = room.log.split(separator: "\n").filter { $0.contains("Keys and tokens may be swapped out") }
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("LimitMEMLOCK=8M") == true)
        await server.stop()
    }
}
