import Glibc
import LinuxHost

/// A Unix socket on which a test answers, in a directory that goes with it.
final class ListeningSocket: Sendable {
    let directory: String
    let descriptor: Int32

    init() throws {
        var template = Array("\(CurrentProcess.environment("TMPDIR") ?? "/tmp")/tokenctl-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw HostError.last("mkdtemp") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        descriptor = try UnixSocket.listen("\(directory)/.sock", mode: 0o600).release()
        // It is left nonblocking for event loops.
        _ = fcntl(descriptor, F_SETFL, 0)
    }

    deinit {
        // Closing it would not wake the thread that accepts.
        shutdown(descriptor, Int32(SHUT_RDWR))
        for name in (try? FileSystem.names(in: directory)) ?? [] { unsafe unlink("\(directory)/\(name)") }
        unsafe rmdir(directory)
    }

    var path: String { "\(directory)/.sock" }
}
