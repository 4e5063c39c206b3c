import Foundation
import Testing

/// The Debian package as `make deb` left it.
enum BuiltPackage {
    /// Where the project is.
    static let project = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized

    /// Where the package is.
    static let directory = project.appending(path: ".build/deb").path

    /// Its version, as the changelog has it.
    static let version: String = {
        let changelog = try? String(contentsOf: project.appending(path: "config/debian/changelog"), encoding: .utf8)
        return changelog?.firstMatch(of: /\((.*?)\)/).map { String($0.1) } ?? "?"
    }()

    /// Its name in the directory; nil where there is none.
    static let name: String? = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return files.first { $0.hasPrefix("tokenbroker_\(version)_") && $0.hasSuffix(".deb") }
    }()

    /// Packs the same files with a higher version, into `directory`, and returns the package's name.
    static func repacked(version: String, into directory: String) async throws -> String {
        let tree = "\(directory)/tree"
        let name = "tokenbroker_\(version).deb"
        let script = """
            set -e
            dpkg-deb --raw-extract "$1" "$2"
            sed -i "s/^Version: .*/Version: $3/" "$2/DEBIAN/control"
            dpkg-deb --build --root-owner-group -Znone "$2" "$4"
            rm -r "$2"
            """
        let arguments = ["\(Self.directory)/\(try #require(Self.name))", tree, version, "\(directory)/\(name)"]
        let ended = try await Command.run("sh", ["-c", script, "-"] + arguments)
        guard ended.status == 0 else { throw RealSystemd.CommandFailure(command: ["dpkg-deb"], ended: ended) }
        return name
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs where the package has been built; says so elsewhere.
    static var needsPackage: Self {
        .enabled(
            if: BuiltPackage.name != nil,
            "skipped: no package of version \(BuiltPackage.version) in .build/deb; make deb makes it"
        )
    }

    /// Runs where all is built that is installed; says so elsewhere.
    static var needsReleaseBuild: Self {
        let missing = [".build/release/tokenbrokerd", ".build/manuals/tokenctl.1", ".build/completions/tokenctl.bash"]
            .filter { !FileManager.default.fileExists(atPath: BuiltPackage.project.appending(path: $0).path) }
        return .enabled(if: missing.isEmpty, "skipped: make build makes \(missing.joined(separator: ", "))")
    }
}
