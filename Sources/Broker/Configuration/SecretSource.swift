import LinuxHost
package import OAuth2
import SystemdHost

/// Where a secret is kept; the secret itself is read when it is needed.
package enum SecretSource: Sendable, Equatable {
    /// `$CREDENTIALS_DIRECTORY/NAME`, which systemd fills.
    case credential(String)

    /// A file, by its absolute path.
    case file(String)

    /// An environment variable.
    case environment(String)

    /// Written into the configuration, which others then could not read.
    case inline(Secret)

    /// Far beyond every secret and key, little enough to be held in memory.
    package static let maximumBytes = 64 * 1024
}

extension SecretSource: CustomStringConvertible {
    /// The source as an error names it; never the secret.
    package var description: String {
        switch self {
        case .credential(let name): "credential \(name.printable)"
        case .file(let path): path.printable
        case .environment(let name): "environment variable \(name.printable)"
        case .inline: "the secret in the configuration"
        }
    }
}

/// A secret as it was found.
package struct ResolvedSecret: Sendable, Equatable {
    package var secret: Secret

    /// The file it came from, when others can read it too.
    package var fileReadableByOthers: String?

    package init(secret: Secret, fileReadableByOthers: String? = nil) {
        self.secret = secret
        self.fileReadableByOthers = fileReadableByOthers
    }
}

/// How a secret's bytes are to be taken.
package enum SecretForm: Sendable, Hashable {
    /// Text: the one newline that may end its file is no part of it, and a NUL is a mistake.
    case text

    /// A key: every byte counts.
    case bytes

    /// A document with a key in it, of which its reader says what is wrong.
    case document
}

extension SecretSource {
    /// Reads the secret, which must not be empty.
    package func resolve(
        _ form: SecretForm = .text,
        environment: [String: String]
    ) throws(SecretError) -> ResolvedSecret {
        switch self {
        case .inline(let secret):
            return ResolvedSecret(secret: try checked(secret, form))
        case .environment(let name):
            guard let value = environment[name] else { throw .variableNotSet(name) }
            return ResolvedSecret(secret: try checked(Secret(value), form))
        case .credential(let name):
            guard let path = CredentialsDirectory.path(of: name, in: environment) else {
                throw .noCredentialsDirectory(credential: name)
            }
            // Owner and mode are systemd's business there, and differ by its version.
            return ResolvedSecret(secret: try read(path, form).secret)
        case .file(let path):
            return try read(path, form)
        }
    }

    private func read(_ path: String, _ form: SecretForm) throws(SecretError) -> ResolvedSecret {
        var file: SecretFile
        do {
            file = try SecretFile.read(path, maximumBytes: Self.maximumBytes + Self.longestNewline)
        } catch {
            throw error.isShortage
                ? .unreadableNow(source: description, reason: error.why)
                : .unreadable(source: description, reason: error.why)
        }
        if form == .text { Self.removeNewline(&file.bytes) }
        return ResolvedSecret(
            secret: try checked(Secret(wiping: &file.bytes, isKey: form == .bytes), form),
            fileReadableByOthers: file.isReadableByOthers ? path : nil
        )
    }

    private static func removeNewline(_ bytes: inout [UInt8]) {
        guard bytes.last == UInt8(ascii: "\n") else { return }
        bytes.removeLast()
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    }

    private func checked(_ secret: Secret, _ form: SecretForm) throws(SecretError) -> Secret {
        guard !secret.isEmpty else { throw .empty(source: description) }
        guard secret.count <= Self.maximumBytes else { throw .tooLong(source: description) }
        let containsNUL = secret.withBytes { bytes in bytes.indices.contains { bytes[$0] == 0 } }
        guard form != .text || !containsNUL else { throw .containsNUL(source: description) }
        return secret
    }

    /// `\r\n`.
    private static let longestNewline = 2
}

extension [SecretSource] {
    /// Reads the first secret that can be read.
    package func resolveFirst(
        _ form: SecretForm = .text,
        environment: [String: String]
    ) throws(SecretError) -> ResolvedSecret {
        var errors: [SecretError] = []
        for source in self {
            do {
                return try source.resolve(form, environment: environment)
            } catch {
                errors.append(error)
            }
        }
        throw errors.count == 1 ? errors[0] : .noneReadable(errors)
    }
}
