import Foundation
import Glibc
import LocalAPI
import MockAuthorizationServer
import Subprocess
import Testing

/// No token of a rotating grant where it does not belong, and no way into the process that has them.
@Suite("Nothing secret of a rotation", .timeLimit(.minutes(5)))
struct RotationSecrecyTests {
    @Test("is plain in the state, in a backup, in the log, or in what operators hear")
    func leaks() async throws {
        try await withRotation(.strict, daemon: #"log_level = "trace""#) { rotation in
            let backup = "\(rotation.room.path)/backup"
            var heard = ""
            try await withDaemon(in: rotation.room) { daemon in
                for _ in 0..<3 { try await rotation.expectRefreshed() }
                #expect(try await Command.tokenctl("backup", backup, in: rotation.room).status == 0)
                // A server that says back what it was shown, then refuses it.
                let shown = rotation.server.refreshTokens().last?.value.exposed ?? ""
                rotation.server.setBehaviour(.error("invalid_grant", description: "the token \(shown)"))
                heard += try await rotation.refresh().body
                rotation.server.clearBehaviours()
                try rotation.logIn()
                _ = try await rotation.reload()
                heard += try await rotation.refresh().body
                heard += try await Command.tokenctl("status", "--format", "json", in: rotation.room).output
                heard += try await Command.tokenctl("status", in: rotation.room).output
                heard += try await SocketHTTP.get("/metrics", on: rotation.room.adminSocket).body
                // The log of the database is looked at as it is while the daemon runs.
                try expectNothing(of: rotation, in: rotation.room.state)
                await daemon.crash()
            }
            try expectNothing(of: rotation, in: rotation.room.state)
            try await withDaemon(in: rotation.room) { _ in
                let logout = try await Command.tokenctl("logout", RotationRoom.client, in: rotation.room)
                heard += logout.output + logout.errors
            }
            try expectNothing(of: rotation, in: rotation.room.state)
            let contents = try Data(contentsOf: URL(filePath: backup))
            for needle in needles(rotation) {
                #expect(contents.range(of: Data(needle.utf8)) == nil)
                #expect(!heard.contains(needle))
                #expect(!rotation.room.log.contains(needle))
            }
            #expect(rotation.room.log.contains(" debug ") || rotation.room.log.contains(" trace "))
        }
    }

    private func needles(_ rotation: RotationRoom) -> [String] {
        let refreshTokens = rotation.server.refreshTokens().map(\.value.exposed)
        return refreshTokens + rotation.server.issuedTokens().map(\.value)
    }

    /// Looks into every file of the state: the database, its log and index, and what lies beside them.
    private func expectNothing(of rotation: RotationRoom, in directory: String) throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: directory)
        #expect(files.contains("tokenbroker.sqlite"))
        #expect(files.contains { $0.hasSuffix(".first-tokens") })
        let needles = needles(rotation)
        #expect(needles.count >= 7)
        for file in files {
            guard let contents = try? Data(contentsOf: URL(filePath: "\(directory)/\(file)")) else { continue }
            for needle in needles { #expect(contents.range(of: Data(needle.utf8)) == nil, "\(file)") }
        }
    }

    /// Makes a command of root one of an ordinary user, who sees of others' processes what they let him.
    private static let withoutCapabilities =
        geteuid() == 0 ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"] : []

    @Test("can be read from the process by another of the same user, as from a plain process it can, nor from a core")
    func sameUser() async throws {
        try await withRotation(.strict) { rotation in
            let (status, _) = try await withDaemon(in: rotation.room, through: Self.withoutCapabilities) { daemon in
                try await rotation.expectRefreshed()
                for file in ["environ", "maps", "mem"] {
                    let refused = try await read(file, of: daemon.pid)
                    #expect(refused.errors.contains("Permission denied"), "\(file): \(refused)")
                }
                if FileManager.default.isExecutableFile(atPath: "/usr/bin/gdb") {
                    let refused = try await run(["gdb", "-nx", "-batch", "-p", "\(daemon.pid)"])
                    #expect(refused.errors.contains("ptrace: Operation not permitted"), "\(refused)")
                }
                daemon.signal(SIGABRT)
                #expect(await daemon.notified { _ in false } == nil)
            }
            #expect(status == -SIGABRT)
            for directory in [rotation.room.path, FileManager.default.currentDirectoryPath] {
                let files = try FileManager.default.contentsOfDirectory(atPath: directory)
                #expect(!files.contains { $0 == "core" || $0.hasPrefix("core.") }, "\(directory)")
            }
        }
        try await expectPlainProcessIsOpen()
    }

    /// That refusals are the daemon's own doing.
    private func expectPlainProcessIsOpen() async throws {
        let command = Self.withoutCapabilities + ["cat"]
        _ = try await Subprocess.run(
            .name(command[0]),
            arguments: Arguments(Array(command.dropFirst())),
            input: .inputWriter,
            output: .sequence,
            error: .discarded
        ) { plain in
            _ = try await plain.standardInputWriter.write("ready\n")
            for try await _ in plain.standardOutput.strings() { break }
            let pid = plain.processIdentifier.value
            #expect(try await read("environ", of: pid).status == 0)
            let memory = try await read("mem", of: pid)
            #expect(!memory.errors.contains("Permission denied"), "\(memory)")
            try await plain.standardInputWriter.finish()
        }
    }

    private func read(_ file: String, of pid: Int32) async throws -> Command {
        // What is read stays out of the test's output.
        try await run(["sh", "-c", "head -c 1 /proc/\(pid)/\(file) > /dev/null"])
    }

    private func run(_ command: [String]) async throws -> Command {
        let command = Self.withoutCapabilities + command
        return try await Command.run(command[0], Array(command.dropFirst()), environment: ["LC_ALL": "C"])
    }
}
