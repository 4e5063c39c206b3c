import Foundation
import Testing

extension PackageTests {
    private static let exampleEndpoint = "https://login.example.com/oauth2/token"

    @Test("is set up as README.md says, command by command")
    func readme() async throws {
        let section = try Self.section("## A real service, under systemd, in five minutes")
        let commands = Self.blocks("sh", of: section).filter { !$0.contains("make ") }
        try #require(commands.count == 2 && commands[1].contains(Self.exampleEndpoint))
        let unit = try #require(Self.blocks("ini", of: section).first)
        try await PackageMachine.with { machine in
            try await machine.install()
            let systemd = machine.systemd
            // The rights that a person has, and what one types.
            for (name, script) in [("sudo", #"exec "$@""#), ("systemd-ask-password", "printf s3cret")] {
                try systemd.write("#!/bin/sh\n\(script)\n", to: "/usr/local/bin/\(name)")
                try await systemd.succeed("chmod", "0755", "/usr/local/bin/\(name)")
            }
            var said = ""
            for command in commands {
                let own = command.replacing(Self.exampleEndpoint, with: PackageMachine.tokenEndpoint)
                said += try await systemd.succeed("bash", "-euo", "pipefail", "-c", own)
            }
            let fetched = try await systemd.succeed("tokenctl", "token", "billing")
            #expect(!fetched.isEmpty && said.hasSuffix(fetched))
            #expect(try await systemd.succeed("tokenctl", "status").contains(/billing +fresh +yes/))

            let api = "https://api.example.com/invoices"
            #expect(unit.contains(api))
            try systemd.write(
                unit.replacing(api, with: PackageMachine.counters),
                to: "/etc/systemd/system/billing.service"
            )
            try await systemd.succeed("systemctl", "daemon-reload")
            try await systemd.succeed("systemctl", "start", "--wait", "billing.service")
            #expect(try await machine.tokenRequests() == 1)
        }
    }

    /// The text under a heading of README.md, to the next of its rank.
    private static func section(_ heading: String) throws -> Substring {
        let readme = try String(contentsOf: BuiltPackage.project.appending(path: "README.md"), encoding: .utf8)
        let start = try #require(readme.firstRange(of: "\(heading)\n")).upperBound
        return readme[start..<(readme[start...].firstRange(of: "\n## ")?.lowerBound ?? readme.endIndex)]
    }

    /// The code of a language in a text, block by block.
    private static func blocks(_ language: String, of text: Substring) -> [String] {
        text.components(separatedBy: "```\(language)\n").dropFirst().compactMap { rest in
            rest.firstRange(of: "```\n").map { String(rest[..<$0.lowerBound]) }
        }
    }
}
