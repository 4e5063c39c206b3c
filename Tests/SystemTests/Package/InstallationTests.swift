import Foundation
import Testing

/// What `make install` puts where, and `make uninstall` takes away.
@Suite("make install", .needsReleaseBuild, .timeLimit(.minutes(5)))
struct InstallationTests {
    private static let units = ["tokenbrokerd.service", "tokenbrokerd.socket", "tokenbrokerd-admin.socket"]

    /// What the operator changes, which stays.
    private static let configuration = "/etc/tokenbroker/tokenbroker.toml"

    /// Below the prefix.
    private static func expected() throws -> Set<String> {
        let examples = try FileManager.default.contentsOfDirectory(
            atPath: BuiltPackage.project.appending(path: "config/clients.d").path
        )
        #expect(!examples.isEmpty)
        return Set(
            ["tokenbrokerd", "tokenctl"].flatMap { command in
                [
                    "bin/\(command)", "share/bash-completion/completions/\(command)",
                    "share/zsh/site-functions/_\(command)", "share/fish/vendor_completions.d/\(command).fish",
                ]
            }
                + ["lib/systemd/system/tokenbrokerd-state-key.service", "libexec/tokenbroker/make-state-key"]
                + units.flatMap { ["lib/systemd/system/\($0)", "lib/systemd/user/\($0)"] }
                + examples.map { "share/doc/tokenbroker/clients.d/\($0)" }
                + [
                    "lib/systemd/catalog/tokenbroker.catalog", "lib/sysusers.d/tokenbroker.conf",
                    "lib/tmpfiles.d/tokenbroker.conf", "share/doc/tokenbroker/tokenbroker.toml",
                    "share/man/man1/tokenctl.1", "share/man/man5/tokenbroker.toml.5", "share/man/man8/tokenbrokerd.8",
                ]
        )
    }

    @Test(
        "installs all there is with the prefix's paths, and uninstalls it but for the configuration",
        arguments: ["/usr", "/usr/local"]
    )
    func life(prefix: String) async throws {
        let room = try Room()
        // What a shell would take for two words.
        let root = "\(room.path)/the root"
        try await make("install", "DESTDIR=\(root)", "prefix=\(prefix)")
        let installed = try await files(below: root)
        #expect(installed == Set(try Self.expected().map { "\(prefix)/\($0)" } + [Self.configuration]))
        for file in installed where !file.contains("/bin/") {
            let text = try String(contentsOfFile: root + file, encoding: .utf8)
            #expect(!text.contains(#/@\w+dir@/#), "\(file)")
        }
        let page = "\(root)\(prefix)/share/man/man5/tokenbroker.toml.5"
        #expect(try String(contentsOfFile: page, encoding: .utf8).contains("\(prefix)/share/doc/tokenbroker/\n"))
        let script = "\(prefix)/libexec/tokenbroker/make-state-key"
        #expect(FileManager.default.isExecutableFile(atPath: root + script))
        let unit = "\(root)\(prefix)/lib/systemd/system/\(Self.units[0])"
        let service = try String(contentsOfFile: unit, encoding: .utf8)
        #expect(service.contains("ExecStart=\(prefix)/bin/tokenbrokerd\n"))
        let keyService = "\(root)\(prefix)/lib/systemd/system/tokenbrokerd-state-key.service"
        #expect(try String(contentsOfFile: keyService, encoding: .utf8).contains("ExecStart=\(script)\n"))

        // What others have there, and what the operator wrote, is left alone.
        let others = ["\(prefix)/bin/other", "\(prefix)/lib/systemd/system/other.service"]
        for file in others { try "other".write(toFile: root + file, atomically: true, encoding: .utf8) }
        try "# changed".write(toFile: root + Self.configuration, atomically: true, encoding: .utf8)
        try await make("install", "DESTDIR=\(root)", "prefix=\(prefix)")
        #expect(try String(contentsOfFile: root + Self.configuration, encoding: .utf8) == "# changed")
        try await make("uninstall", "DESTDIR=\(root)", "prefix=\(prefix)")
        #expect(try await files(below: root) == Set(others + [Self.configuration]))
        for directory in ["share/doc/tokenbroker", "libexec/tokenbroker"] {
            #expect(!FileManager.default.fileExists(atPath: "\(root)\(prefix)/\(directory)"))
        }
    }

    private func make(_ arguments: String...) async throws {
        let command = ["--directory", BuiltPackage.project.path] + arguments
        let ended = try await Command.run("make", command)
        guard ended.status == 0 else { throw RealSystemd.CommandFailure(command: ["make"] + command, ended: ended) }
    }

    private func files(below root: String) async throws -> Set<String> {
        let found = try await Command.run("find", [root, "-type", "f", "-printf", #"/%P\n"#])
        return Set(found.output.split(separator: "\n").map(String.init))
    }
}
