/// Why the store could not be opened, read or written.
package enum TokenStoreError: Error, Sendable, Equatable {
    /// A state key of another length than 32 bytes.
    case invalidKey(byteCount: Int)

    /// The database has migrations that this version does not know; it was left as it is.
    case newerDatabase(path: String, found: [String], known: [String])

    /// The file is a database of some other program; it was left as it is.
    case foreignDatabase(path: String)

    /// None of the keys is one that sealed this database, or one of those is missing that must all be there; it was left
    /// as it is.
    case wrongKey(path: String)

    /// Rows that none of the keys opens, so that not all could be sealed anew; nothing was changed.
    case unreadableRows(path: String, count: Int, clients: [String])

    /// There is a file already where a new one is to be made; it was left as it is.
    case alreadyExists(path: String)

    /// The disk, or the quota, is full.
    case full(path: String)

    /// The file system, or the file, cannot be written.
    case readOnly(path: String, reason: String)

    /// The file or its directory cannot be opened or made.
    case unreadable(path: String, reason: String)

    /// The disk failed to read or write.
    case diskFailure(path: String, reason: String)

    /// Damage was found after the database was opened; the next start sets it aside.
    case corrupt(path: String, reason: String)

    /// Another process holds the database locked.
    case busy(path: String)

    /// The store was closed before.
    case closed(path: String)

    /// SQLite refused for a reason that this version does not expect.
    case failed(path: String, reason: String)
}

extension TokenStoreError {
    /// What is wrong, naming the file.
    package var problem: String {
        switch self {
        case .invalidKey(let byteCount):
            "a state key has \(byteCount) bytes, not \(StateKeys.byteCount)"
        case .newerDatabase(let path, let found, let known):
            "\(path) was written by a newer version (\(found.filter { !known.contains($0) }.joined(separator: ", ")))"
        case .foreignDatabase(let path): "\(path) is a database of another program"
        case .wrongKey(let path): "\(path) is sealed with another state key"
        case .unreadableRows(let path, let count, let clients):
            "\(count) rows of \(path) cannot be opened with the keys given"
                + (clients.isEmpty ? "" : " (clients: \(clients.joined(separator: ", ")))")
        case .alreadyExists(let path): "\(path) exists already"
        case .full(let path): "no space left to write \(path)"
        case .readOnly(let path, let reason): "\(path) cannot be written: \(reason)"
        case .unreadable(let path, let reason): "\(path) cannot be opened: \(reason)"
        case .diskFailure(let path, let reason): "the disk under \(path) fails: \(reason)"
        case .corrupt(let path, let reason): "\(path) is damaged: \(reason)"
        case .busy(let path): "\(path) is locked by another process"
        case .closed(let path): "\(path) is closed"
        case .failed(let path, let reason): "\(path): \(reason)"
        }
    }

    /// What the operator can do about it, in one imperative sentence; nil for a fault of ours.
    package var remedy: String? {
        switch self {
        case .invalidKey: "Give a state key of \(StateKeys.byteCount) bytes, for example from `openssl rand 32`."
        case .newerDatabase: "Start the version that wrote it, or move the file away to begin afresh."
        case .foreignDatabase: "Set daemon.state_directory to a directory of tokenbroker's own."
        case .wrongKey: "Give the key it was sealed with, as daemon.state_key or among its later entries."
        case .unreadableRows:
            "Give the keys that sealed them among the later entries of daemon.state_key, or log their clients out."
        case .alreadyExists: "Name a file that does not exist."
        case .full(let path): "Free space on the file system of \(path)."
        case .readOnly(let path, _): "Make \(path) and its directory writable for the daemon's user."
        case .unreadable(let path, _): "Make \(path) and its directory accessible to the daemon's user."
        case .diskFailure: "Check the disk and the kernel's log."
        case .corrupt: "Restart the daemon, which sets the file aside and saves what can be read."
        case .busy(let path): "End the process that holds \(path) open."
        case .closed, .failed: nil
        }
    }
}

extension TokenStoreError {
    /// Whether there is no room left.
    package var isFull: Bool {
        if case .full = self { true } else { false }
    }
}

extension TokenStoreError: CustomStringConvertible {
    /// The problem, then the remedy.
    package var description: String { [problem, remedy].compactMap(\.self).joined(separator: ". ") }
}
