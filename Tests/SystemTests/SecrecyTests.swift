import Foundation
import Glibc
import LocalAPI
import MockAuthorizationServer
import Testing

/// No token, secret or key where it does not belong, however loud the log and whatever goes wrong.
@Suite("Nothing secret", .timeLimit(.minutes(5)))
struct SecrecyTests {
    private static let secret = "hunter2-/+%&=\u{E4}-of-the-client"

    @Test("is in the log, in an error, in the status, or plain in the database and its write-ahead log")
    func leaks() async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(
            daemon: #"log_level = "trace""#,
            try room.client("billing", at: server, secret: Self.secret),
            try room.client("refused", at: server, secret: Self.secret, more: #"scopes = ["x"]"#),
            try room.client(
                "post",
                at: server,
                secret: Self.secret,
                more: #"client_authentication = "client_secret_post""#
            )
        )
        // A server that says the secret and the token back in its errors.
        server.setBehaviour(
            .error("invalid_client", description: "wrong secret \(Self.secret)", status: 401),
            for: "refused-id"
        )
        var heard = ""
        try await withDaemon(in: room) { daemon in
            for client in ["billing", "post"] {
                let fetched = try await Command.tokenctl("token", client, in: room)
                #expect(fetched.status == 0, "\(fetched.errors)")
                heard += fetched.errors
            }
            let refused = try await Command.tokenctl("token", "refused", in: room)
            #expect(refused.status == 78)
            heard += refused.output + refused.errors
            _ = try await Command.tokenctl("refresh", "billing", in: room)
            await server.stopListening()
            heard += try await Command.tokenctl("refresh", "billing", in: room).errors
            heard += try await Command.tokenctl("status", "--format", "json", in: room).output
            heard += try await Command.tokenctl("status", in: room).output
            heard += try await SocketHTTP.get("/metrics", on: room.adminSocket).body
            heard += try await SocketHTTP.get("/v1/nothing?access_token=x", on: room.tokenSocket).body
            _ = try await Command.tokenctl("reload", in: room)
            heard += try arguments(of: daemon.pid)
        }

        let issued = server.issuedTokens().map(\.value)
        #expect(issued.count >= 3)
        let key = [UInt8](try Data(contentsOf: URL(filePath: "\(room.state)/state.key")))
        #expect(key.count == 32)
        let needles = issued + encodings(of: Self.secret) + encodings(of: String(decoding: key, as: UTF8.self))
        #expect(room.log.contains("trace") || room.log.contains("debug") || room.log.contains("info"))
        for needle in needles {
            #expect(!room.log.contains(needle))
            #expect(!heard.contains(needle))
        }
        // The WAL is folded into the database when the daemon ends in order, so both states are looked at.
        try expect(needles, key, absentFrom: room.state)
        try await withDaemon(in: room) { daemon in
            try await server.startListening()
            _ = try await Command.tokenctl("refresh", "billing", in: room)
            await daemon.crash()
        }
        #expect(FileManager.default.fileExists(atPath: room.database + "-wal"))
        try expect(needles + server.issuedTokens().map(\.value), key, absentFrom: room.state)
        await server.stop()
    }

    @Test("is dumped or seen by a debugger of the same user, and no file is for others")
    func process() async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(room.client("billing", at: server))
        try await withDaemon(in: room) { daemon in
            _ = try await Command.tokenctl("token", "billing", in: room)
            let limits = try String(contentsOfFile: "/proc/\(daemon.pid)/limits", encoding: .utf8)
            let core = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
            #expect(core.split(separator: " ").suffix(3).prefix(2) == ["0", "0"])
            let status = try String(contentsOfFile: "/proc/\(daemon.pid)/status", encoding: .utf8)
            #expect(status.contains("NoNewPrivs:\t1\n"))
            // A process that is not dumpable has its files of /proc owned by root; this sees more as an ordinary user.
            let owner = try FileManager.default.attributesOfItem(atPath: "/proc/\(daemon.pid)/mem")[.ownerAccountID]
            #expect(owner as? Int == 0)
            for file in try FileManager.default.contentsOfDirectory(atPath: room.state) {
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(room.state)/\(file)")
                let mode = try #require(attributes[.posixPermissions] as? Int)
                #expect(mode & 0o077 == 0, "\(file)")
            }
            let token = try FileManager.default.attributesOfItem(atPath: room.tokenSocket)[.posixPermissions] as? Int
            let admin = try FileManager.default.attributesOfItem(atPath: room.adminSocket)[.posixPermissions] as? Int
            #expect(token == 0o666)
            #expect(admin == 0o660)
        }
        await server.stop()
    }

    /// As it stands, and as headers, forms and hexadecimal dumps write it.
    private func encodings(of secret: String) -> [String] {
        let bytes = Data(secret.utf8)
        return [
            secret, bytes.base64EncodedString(),
            secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? secret,
            bytes.map { String(format: "%02x", $0) }.joined(),
        ]
    }

    private func expect(_ needles: [String], _ key: [UInt8], absentFrom directory: String) throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: directory)
        #expect(files.contains("tokenbroker.sqlite"))
        for file in files where file.hasPrefix("tokenbroker.sqlite") {
            let contents = try Data(contentsOf: URL(filePath: "\(directory)/\(file)"))
            for needle in needles { #expect(contents.range(of: Data(needle.utf8)) == nil, "\(file)") }
            #expect(contents.range(of: Data(key)) == nil, "\(file)")
        }
    }

    private func arguments(of pid: Int32) throws -> String {
        // The environment of a process that is not dumpable is root's to read.
        try ["cmdline", geteuid() == 0 ? "environ" : "cmdline"]
            .map { try String(contentsOfFile: "/proc/\(pid)/\($0)", encoding: .utf8) }.joined()
    }
}
