import Glibc
import SystemPackage

/// The disk of a daemon's state, made to fail while it runs by a library that is preloaded into it.
final class FailingDisk: Sendable {
    private let file: FileDescriptor

    /// Keeps at `path` what every process with the library is to fail with.
    init(at path: String) throws {
        file = try FileDescriptor.open(
            FilePath(path),
            .readWrite,
            options: [.create, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead]
        )
        try fail()
    }

    convenience init(in room: Room) throws { try self.init(at: Self.path(in: room)) }

    deinit { try? file.close() }

    /// What makes the writes of a process fail, below the state directory of `room`.
    static func environment(in room: Room) -> [String: String] {
        ["LD_PRELOAD": Binaries.failingDisk, "FAILING_DISK": path(in: room), "FAILING_DISK_BELOW": room.state]
    }

    private static func path(in room: Room) -> String { "\(room.path)/disk" }

    /// The errno of every write, and that of every synchronization, from now on; 0 is none.
    func fail(writes: Int32 = 0, synchronizations: Int32 = 0) throws {
        try unsafe [writes, synchronizations].withUnsafeBytes { _ = try unsafe file.writeAll(toAbsoluteOffset: 0, $0) }
    }
}
