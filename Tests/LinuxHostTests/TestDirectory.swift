import Glibc
import LinuxHost

/// A directory of the test's own, gone with all that is in it.
final class TestDirectory: Sendable {
    let path: String

    init() throws {
        let parent = CurrentProcess.environment("TMPDIR") ?? "/tmp"
        var template = Array("\(parent)/tokenbroker-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw HostError.last("mkdtemp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        if unsafe unlink(path) == 0 { return }
        for name in (try? FileSystem.names(in: path)) ?? [] { remove("\(path)/\(name)") }
        unsafe rmdir(path)
    }

    /// The path of `name` in it.
    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}

/// Writes a file, in place of what was in it.
func write(_ text: String, to path: String, mode: UInt32 = 0o600) throws {
    let file = FileDescriptor(owning: unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode))
    guard file.number >= 0 else { throw HostError.last("open", path: path) }
    let bytes = Array(text.utf8)
    guard unsafe Glibc.write(file.number, bytes, bytes.count) == bytes.count, unsafe chmod(path, mode) == 0 else {
        throw HostError.last("write", path: path)
    }
}

/// What is in a file.
func text(of path: String) throws -> String {
    String(decoding: try FileSystem.read(path, maximumBytes: 1 << 20), as: UTF8.self)
}

/// What stat(2) says of a file itself.
func status(of path: String) throws -> stat {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { throw HostError.last("lstat", path: path) }
    return status
}

/// The permissions of a file.
func mode(of path: String) throws -> UInt32 { try status(of: path).st_mode & 0o7777 }

/// Runs what blocks on a thread of its own, so that other tests go on.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        do {
            try HostThread.start(named: "test") { continuation.resume(with: Result { try body() }) }
        } catch {
            continuation.resume(throwing: error)
        }
    }
}

/// The error that `body` throws.
func failure<Value: ~Copyable>(_ body: () throws(HostError) -> Value) -> HostError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error
    }
}

/// Makes a symbolic link.
func link(_ path: String, to target: String) throws {
    guard unsafe symlink(target, path) == 0 else { throw HostError.last("symlink", path: path) }
}
