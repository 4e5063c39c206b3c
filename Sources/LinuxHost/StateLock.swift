internal import Glibc

/// One daemon's hold on a directory, for as long as the process lives (flock(2)).
package final class StateLock: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit {
        // A child that is being made has a copy of the descriptor until it runs its program, and with it the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Takes the lock, or says which process has it.
    package static func acquire(directory: String) throws(HostError) -> StateLock {
        let path = "\(directory)/lock"
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .last("cannot be created", path: path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = (try? FileSystem.read(path, maximumBytes: 32)).map { String(decoding: $0, as: UTF8.self) }
            close(descriptor)
            guard code == EWOULDBLOCK else { throw HostError("cannot be locked", path: path, code: code) }
            throw HostError(
                "is locked",
                path: path,
                code: code,
                reason: "a daemon already runs here"
                    + (holder.flatMap { $0.isEmpty ? nil : ", process \($0.prefix { $0 != "\n" })" } ?? "")
            )
        }
        let text = Array("\(getpid())\n".utf8)
        ftruncate(descriptor, 0)
        // Only for the message above; the lock holds without it.
        _ = unsafe pwrite(descriptor, text, text.count, 0)
        return StateLock(descriptor)
    }
}
