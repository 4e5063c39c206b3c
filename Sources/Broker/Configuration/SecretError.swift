/// Why a secret could not be had; names the place, never the content.
package enum SecretError: Error, Sendable, Hashable, CustomStringConvertible {
    case noCredentialsDirectory(credential: String)
    case unreadable(source: String, reason: String)

    /// The machine or the process lacks something now.
    case unreadableNow(source: String, reason: String)
    case variableNotSet(String)
    case empty(source: String)
    case tooLong(source: String)
    case containsNUL(source: String)

    /// It was read, and is of no use for what it is for.
    case unusable(source: String, problem: String)

    /// No entry of a list could be read: why, in the list's order.
    case noneReadable([SecretError])

    /// What is wrong, in one sentence without its full stop.
    package var description: String {
        switch self {
        case .noCredentialsDirectory(let credential):
            "credential \(credential) cannot be read: $CREDENTIALS_DIRECTORY is not set"
        case .unreadable(let source, let reason), .unreadableNow(let source, let reason):
            "\(source) cannot be read: \(reason)"
        case .variableNotSet(let name): "environment variable \(name) is not set"
        case .empty(let source): "\(source) is empty"
        case .tooLong(let source): "\(source) is longer than \(SecretSource.maximumBytes / 1024) KiB"
        case .containsNUL(let source): "\(source) contains a NUL byte"
        case .unusable(let source, let problem): "\(source) \(problem)"
        case .noneReadable(let errors): errors.map(\.description).joined(separator: "; ")
        }
    }

    /// Whether it may pass by itself.
    package var isPassing: Bool {
        switch self {
        case .unreadableNow: true
        case .noneReadable(let errors): errors.contains(where: \.isPassing)
        default: false
        }
    }

    /// Whether a process that systemd started with credentials could have it.
    package var mayBeForTheServiceAlone: Bool {
        switch self {
        case .noCredentialsDirectory: true
        case .noneReadable(let errors): errors.contains(where: \.mayBeForTheServiceAlone)
        default: false
        }
    }
}
