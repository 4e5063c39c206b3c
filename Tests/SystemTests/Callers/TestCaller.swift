import Foundation
import Glibc
import Testing

/// The command that calls as any user, on a room's token socket.
enum TestCaller {
    /// How a kind of request was answered, over and over on one connection.
    struct Figures: Decodable, Sendable {
        /// How often each status was answered.
        let statuses: [String: Int]
        /// In microseconds.
        let p50: Double
        let p99: Double
        let max: Double
    }

    /// What a nuisance got of what it wanted.
    struct Nuisance: Decodable, Sendable {
        /// Connections without a word on them that were let in.
        let idle: Int
        let refused: Int
    }

    /// The command itself failed.
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Makes each request `count` times in turn, as the user with this number.
    static func load(_ requests: [String], count: Int, as uid: Int, in room: Room) async throws -> [Figures] {
        let ended = try await Command.run(
            Binaries.testCaller,
            ["--as", "\(uid):\(uid)", "load", room.tokenSocket, "\(count)"] + requests
        )
        guard ended.status == 0 else { throw Failed(description: ended.errors) }
        return try JSONDecoder().decode([Figures].self, from: Data(ended.output.utf8))
    }

    /// Runs `body` while the user with this number holds `hostile` connections and as many idle ones, up to `idle`, as it
    /// is let have.
    static func whileHolding<Value: Sendable>(
        hostile: Int,
        idle: Int,
        as uid: Int,
        in room: Room,
        _ body: (Nuisance) async throws -> Value
    ) async throws -> Value {
        try await Command.whileRunning(
            Binaries.testCaller,
            ["--as", "\(uid):\(uid)", "hold", room.tokenSocket, "\(hostile)", "\(idle)"]
        ) { said in
            try await body(JSONDecoder().decode(Nuisance.self, from: Data(said.utf8)))
        }
    }
}

extension Room {
    /// Lets every user reach the sockets; their modes decide then.
    func openToAll() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs where processes of other users can be had; says that it was skipped elsewhere.
    static var needsOtherUsers: Self {
        .enabled(if: geteuid() == 0, "skipped: only root may call as another user")
    }
}
