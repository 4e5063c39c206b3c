import Foundation

/// The files of the package that this test belongs to.
enum PackageFiles {
    /// Where Package.swift is.
    static let root: URL = {
        var directory = URL(filePath: #filePath)
        while directory.path != "/" {
            directory.deleteLastPathComponent()
            if FileManager.default.fileExists(atPath: directory.appending(path: "Package.swift").path) {
                return directory
            }
        }
        preconditionFailure("there is no Package.swift above \(#filePath)")
    }()

    /// What stands beside Package.swift, hidden or not.
    static func topLevel() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
    }

    /// The paths, from the root, of all files under `directory`.
    static func paths(under directory: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: directory).path)
            .map { "\(directory)/\($0)" }
            .filter { path in
                var isDirectory: ObjCBool = false
                let exists = unsafe FileManager.default.fileExists(
                    atPath: root.appending(path: path).path,
                    isDirectory: &isDirectory
                )
                return exists && !isDirectory.boolValue
            }
            .sorted()
    }

    static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: root.appending(path: path)), as: UTF8.self)
    }

    /// The package's own Swift files, by their paths.
    static let sources = Result<[String: SwiftSource], any Error> {
        var sources = ["Package.swift": SwiftSource(try text("Package.swift"))]
        for path in try paths(under: "Sources") + paths(under: "Tests") where path.hasSuffix(".swift") {
            sources[path] = SwiftSource(try text(path))
        }
        return sources
    }

    /// What the files of a target import.
    static func imports(of directory: String) throws -> Set<String> {
        Set(try sources.get().filter { $0.key.hasPrefix("\(directory)/") }.flatMap(\.value.imports))
    }
}
