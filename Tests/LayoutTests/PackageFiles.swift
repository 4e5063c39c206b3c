import Foundation
import Subprocess

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

    /// The package's own files by git's word, so that what somebody put beside them does not count; whatever is there
    /// where git has none.
    static func all() async throws -> [String] {
        let listing = try await run(
            .name("git"),
            arguments: ["-C", root.path, "-c", "safe.directory=*", "ls-files"],
            output: .string(limit: 1 << 22),
            error: .discarded
        )
        guard listing.terminationStatus.isSuccess, !listing.standardOutput.isEmpty else {
            let top = try FileManager.default.contentsOfDirectory(atPath: root.path)
            return top.filter { !isGenerated($0) }.flatMap { (try? paths(under: $0)) ?? [$0] }
        }
        return listing.standardOutput.split(separator: "\n").map(String.init)
            .filter { FileManager.default.fileExists(atPath: root.appending(path: $0).path) }
    }

    /// What git and SwiftPM make.
    private static func isGenerated(_ name: String) -> Bool {
        name == ".git" || name.hasPrefix(".build") || name == "Package.resolved"
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
