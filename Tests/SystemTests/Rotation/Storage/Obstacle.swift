import Glibc
import Subprocess
import Testing

/// Why a store takes no write for a while.
enum Obstacle: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case fullDisk = "a full disk"
    case readOnly = "a disk that went read-only"
    case failingWrites = "writes that fail"
    case failingSynchronization = "a disk that loses what was written"
    case lockedDatabase = "a database that another process has locked"

    var testDescription: String { rawValue }

    /// Those that need no root.
    static let ofAnyone = allCases.filter { $0 != .fullDisk }
}

/// A daemon's room whose store can be obstructed while the daemon runs.
struct ObstructedRoom: Sendable {
    let rotation: RotationRoom
    let obstacle: Obstacle
    private let smallDisk: SmallDisk?
    private let failingDisk: FailingDisk

    /// Runs `body` with a room at a strict server that `obstacle` can befall.
    static func with(
        _ obstacle: Obstacle,
        keys: String = "",
        _ body: (ObstructedRoom) async throws -> Void
    ) async throws {
        try await withRotation(.strict, scope: "files mail", keys: keys) { rotation in
            let failingDisk = try FailingDisk(in: rotation.room)
            guard obstacle == .fullDisk else {
                return try await body(ObstructedRoom(rotation, obstacle, nil, failingDisk))
            }
            try await SmallDisk.with(in: rotation.room) { disk in
                try await body(ObstructedRoom(rotation, obstacle, disk, failingDisk))
            }
        }
    }

    private init(_ rotation: RotationRoom, _ obstacle: Obstacle, _ smallDisk: SmallDisk?, _ failingDisk: FailingDisk) {
        self.rotation = rotation
        self.obstacle = obstacle
        self.smallDisk = smallDisk
        self.failingDisk = failingDisk
    }

    /// Runs the daemon where the obstacle can befall it.
    @discardableResult
    func withDaemon<Value: Sendable>(
        _ body: (RunningDaemon) async throws -> Value
    ) async throws -> (status: Int32, value: Value) {
        try await SystemTests.withDaemon(
            in: rotation.room,
            environment: FailingDisk.environment(in: rotation.room),
            through: smallDisk?.launcher ?? [],
            body
        )
    }

    /// Runs `body` while the store takes no write.
    func obstruct(_ body: () async throws -> Void) async throws {
        switch obstacle {
        case .fullDisk:
            let disk = try #require(smallDisk)
            // With the reserve gone, too, nothing helps but room.
            try disk.removeReserve()
            try disk.fill()
            try await body()
            try disk.free()
        case .readOnly: try await fail(writes: EROFS, body)
        case .failingWrites: try await fail(writes: EIO, body)
        case .failingSynchronization: try await fail(synchronizations: EIO, body)
        case .lockedDatabase: try await lock(body)
        }
    }

    private func fail(writes: Int32 = 0, synchronizations: Int32 = 0, _ body: () async throws -> Void) async throws {
        try failingDisk.fail(writes: writes, synchronizations: synchronizations)
        try await body()
        try failingDisk.fail()
    }

    private func lock(_ body: () async throws -> Void) async throws {
        _ = try await Subprocess.run(
            .name("sqlite3"),
            arguments: [rotation.room.database],
            input: .inputWriter,
            output: .sequence,
            error: .discarded
        ) { sqlite in
            _ = try await sqlite.standardInputWriter.write("BEGIN EXCLUSIVE; SELECT 'locked';\n")
            for try await _ in sqlite.standardOutput.strings() { break }
            try await body()
            _ = try await sqlite.standardInputWriter.write("ROLLBACK;\n.quit\n")
        }
    }
}
