import LinuxHost

/// The programs of the package, beside the one that runs here.
package enum Binaries {
    /// Where they all are.
    package static let directory: String = {
        let path = CurrentProcess.executablePath ?? "."
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }()

    /// The path of a program of ours.
    package static func path(_ name: String) -> String { "\(directory)/\(name)" }
}
