import SystemPackage

/// The clocks of a daemon, moved while it runs by a library that is preloaded into it.
final class ShiftedClocks: Sendable {
    private let file: FileDescriptor
    private let path: String

    init(in room: Room) throws {
        path = "\(room.path)/clocks"
        file = try FileDescriptor.open(
            FilePath(path),
            .readWrite,
            options: [.create, .closeOnExec],
            permissions: .ownerReadWrite
        )
        try set()
    }

    deinit { try? file.close() }

    /// What makes a process read its clocks from here.
    var environment: [String: String] { ["LD_PRELOAD": Binaries.shiftedClocks, "SHIFTED_CLOCKS": path] }

    /// How many seconds CLOCK_REALTIME and CLOCK_BOOTTIME are ahead of what they would be; CLOCK_MONOTONIC stays.
    func set(realtime: Int64 = 0, boottime: Int64 = 0) throws {
        let shifts = [realtime * 1_000_000_000, boottime * 1_000_000_000]
        try unsafe shifts.withUnsafeBytes { _ = try unsafe file.writeAll(toAbsoluteOffset: 0, $0) }
    }
}
