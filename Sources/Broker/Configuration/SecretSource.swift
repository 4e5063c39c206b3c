package import OAuth2

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

/// A secret as it was found.
package struct ResolvedSecret: Sendable, Equatable {
    package var secret: Secret

    /// The file it came from, when others can read it too.
    package var fileReadableByOthers: String?
}

extension SecretSource {
    /// Reads the secret; from a file without the one newline that may end it.
    package func resolve(environment: [String: String]) throws(SecretError) -> ResolvedSecret {
        throw .empty(source: "")
    }
}

extension [SecretSource] {
    /// Reads the first secret that can be read.
    package func resolveFirst(environment: [String: String]) throws(SecretError) -> ResolvedSecret {
        throw .noneReadable([])
    }
}
