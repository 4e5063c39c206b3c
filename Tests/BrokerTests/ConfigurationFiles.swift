import Broker
import FoundationEssentials

/// Configuration files in a directory of their own, removed in the end.
final class ConfigurationFiles {
    let directory: String

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "configuration-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: "\(directory)/clients.d",
            withIntermediateDirectories: true
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var main: String { "\(directory)/main.toml" }

    func write(_ text: String, to name: String = "main.toml", mode: Int = 0o600) throws {
        try write(Array(text.utf8), to: name, mode: mode)
    }

    func write(_ bytes: [UInt8], to name: String = "main.toml", mode: Int = 0o600) throws {
        let path = "\(directory)/\(name)"
        try Data(bytes).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(directory)/\(name)") }

    func bytes(of name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: "\(directory)/\(name)")))
    }

    /// Makes `name` a symbolic link to `target`, in place of what it was.
    func link(_ target: String, to name: String) throws {
        let path = "\(directory)/\(name)"
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    }

    func load(in context: ProcessContext = .service) throws(ConfigurationErrors) -> Configuration {
        try Configuration.load(file: main, in: context)
    }

    /// What systemd sets for a service that has the credential `name` with these bytes, and no other.
    func credentials(_ bytes: [UInt8], named name: String = StateKey.credential) throws -> [String: String] {
        let path = "\(directory)/credentials"
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try write(bytes, to: "credentials/\(name)", mode: 0o440)
        return ["CREDENTIALS_DIRECTORY": path]
    }

    /// What is wrong, one line an error, without the directory.
    func errors() -> [String] {
        do {
            _ = try load()
            return []
        } catch {
            return error.errors.map { relative($0.description) }
        }
    }

    /// The warnings, in the same form.
    func warnings() throws -> [String] { try load().warnings.map { relative($0.description) } }

    private func relative(_ text: String) -> String { text.replacing("\(directory)/", with: "") }
}

extension ProcessContext {
    /// A system service that systemd gave nothing.
    static let service = ProcessContext(uid: 0, environment: [:])
}

/// Loads `text` as the only file.
func load(_ text: String, in context: ProcessContext = .service) throws -> Configuration {
    let files = try ConfigurationFiles()
    try files.write(text)
    return try files.load(in: context)
}

/// What is wrong with `text` as the only file.
func errors(in text: String) throws -> [String] {
    let files = try ConfigurationFiles()
    try files.write(text)
    return files.errors()
}

/// A client's table with all it needs, from line 1, followed by `lines` from line 5.
func client(_ lines: String) -> String {
    """
    [clients.billing]
    client_id = "one"
    client_secret = { credential = "billing" }
    token_endpoint = "https://as.example/token"
    \(lines)
    """
}
