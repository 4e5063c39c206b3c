/// A configuration file as it was found: what its relative paths begin from and who can read it.
struct SourceFile {
    /// As errors show it.
    let path: String

    /// Absolute, and without a slash at its end unless it is the root.
    let directory: String

    /// Whether the group or everybody may read it.
    let isReadableByOthers: Bool

    /// The absolute path that `path` means within this file.
    func absolute(_ path: String) -> String { FilePath.joined(directory, path) }
}

/// Paths as text, for which nothing needs to exist.
enum FilePath {
    static func joined(_ directory: String, _ path: String) -> String {
        if path.hasPrefix("/") { return path }
        return directory.hasSuffix("/") ? directory + path : "\(directory)/\(path)"
    }

    /// What stands before the last slash; `.` when there is none.
    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
