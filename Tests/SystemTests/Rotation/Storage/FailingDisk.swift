import Glibc
import SystemPackage

/// The disk of a daemon's state, made to fail while it runs by a library that is preloaded into it.
final class FailingDisk: Sendable {
    private let file: FileDescriptor
    private let path: String
    private let directory: String

    init(in room: Room) throws {
        path = "\(room.path)/disk"
        directory = room.state
        file = try FileDescriptor.open(
            FilePath(path),
            .readWrite,
            options: [.create, .closeOnExec],
            permissions: .ownerReadWrite
        )
        try fail()
    }

    deinit { try? file.close() }

    /// What makes a process's writes fail.
    var environment: [String: String] {
        ["LD_PRELOAD": Binaries.failingDisk, "FAILING_DISK": path, "FAILING_DISK_BELOW": directory]
    }

    /// The errno of every write, and that of every synchronization, from now on; 0 is none.
    func fail(writes: Int32 = 0, synchronizations: Int32 = 0) throws {
        try unsafe [writes, synchronizations].withUnsafeBytes { _ = try unsafe file.writeAll(toAbsoluteOffset: 0, $0) }
    }
}
