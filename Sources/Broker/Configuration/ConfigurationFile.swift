import LinuxHost

/// The bytes of a configuration file, read once.
struct ConfigurationFile {
    let bytes: [UInt8]
    let source: SourceFile

    /// Reads `path`, which may be relative to `workingDirectory`.
    static func read(_ path: String, workingDirectory: String) throws(ConfigurationError) -> ConfigurationFile {
        do {
            let file = try SecretFile.read(path, maximumBytes: maximumBytes)
            let absolute = FilePath.joined(workingDirectory, path)
            return ConfigurationFile(
                bytes: file.bytes,
                source: SourceFile(
                    path: path,
                    directory: FilePath.directory(of: absolute),
                    isReadableByOthers: file.isReadableByOthers
                )
            )
        } catch {
            throw ConfigurationError(
                place: SourcePlace(file: path),
                problem: "cannot be read: \(error.why)",
                remedy: remedy(for: error)
            )
        }
    }

    private static func remedy(for error: HostError) -> String? {
        if error.isNotFound { return "write it, as tokenbroker.toml(5) shows, or name another with --config" }
        // A service has a user of its own.
        if error.isPermission { return "let the user that the daemon runs as read it, and keep secrets elsewhere" }
        return nil
    }

    /// 10,000 clients of 1.6 KiB each.
    private static let maximumBytes = 16 << 20
}
