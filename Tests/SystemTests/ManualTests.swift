import Foundation
import LocalAPI
import Testing

/// The manual pages, as `make manuals` makes them.
@Suite(
    "The manual pages",
    .timeLimit(.minutes(5)),
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: "\(Binaries.directory)/generate-manual"),
        "`swift build --product generate-manual` makes what they are made with"
    )
)
struct ManualTests {
    private static let names = ["tokenctl.1", "tokenbrokerd.8", "tokenbroker.toml.5"]

    private static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/man").path

    /// Makes them in `room`, on a day of this many seconds after 1970.
    private func make(in room: Room, at seconds: Int = 0) async throws -> [String: String] {
        let made = try await Command.run(
            "\(Self.sources)/manuals.sh",
            [Binaries.directory, room.path],
            environment: ["SOURCE_DATE_EPOCH": "\(seconds)"]
        )
        try #require(made.status == 0, "\(made.errors)")
        return try Dictionary(
            uniqueKeysWithValues: Self.names.map {
                ($0, try String(contentsOfFile: "\(room.path)/\($0)", encoding: .utf8))
            }
        )
    }

    @Test("are mdoc without a fault, and the same from the same sources")
    func lint() async throws {
        let room = try Room()
        let pages = try await make(in: room)
        for name in Self.names {
            let lint = try await Command.run("mandoc", ["-T", "lint", "-W", "warning", "\(room.path)/\(name)"])
            #expect(lint.status == 0 && lint.output.isEmpty, "\(lint.output)")
            #expect(pages[name]?.hasPrefix(".Dd January 1, 1970\n") == true)
            // Where other files are is known when the page is installed.
            #expect(pages[name]?.replacing(/@(docdir|libexecdir)@/, with: "").contains(/@[a-z]+@/) == false)
        }
        #expect(try await make(in: room) == pages)
        #expect(try await make(in: room, at: 86_400) != pages)
    }

    @Test("give each command's arguments in tokenctl(1)'s synopsis and list, and no others")
    func commands() async throws {
        let page = try #require(try await make(in: Room())["tokenctl.1"])
        let help = try await Command.run(Binaries.tokenctl, ["--experimental-dump-help"])
        let tool = try JSONDecoder().decode(Help.self, from: Data(help.output.utf8))
        let commands = tool.command.subcommands.filter { $0.commandName != "help" }
        #expect(commands.count > 10)
        let arguments = commands.map { ($0.commandName, Set($0.arguments.compactMap(\.synopsis))) }
        #expect(try Self.synopses(in: page) == Dictionary(uniqueKeysWithValues: arguments))
        for (name, arguments) in arguments {
            let list = try #require(page.split(separator: "\n.It Cm \(name)\n").dropFirst().first)
            for argument in arguments {
                let item = argument.filter { !"[]".contains($0) }
                #expect(list.contains(item.hasPrefix("-") ? ".It Fl \(item.dropFirst())" : ".It Ar \(item)"), "\(name)")
            }
        }
    }

    @Test("give every exit status of tokenctl, and no other")
    func statuses() async throws {
        let page = try #require(try await make(in: Room())["tokenctl.1"])
        let section = try #require(page.split(separator: ".Sh EXIT STATUS\n").last?.split(separator: ".Sh ").first)
        let statuses = section.matches(of: /\.It (\d+)\n/).compactMap { Int32($0.output.1) }
        #expect(Set(statuses) == Set(APIErrorCode.allCases.map(\.exitStatus)).union([0, 1, 69]))
    }

    /// What each command of the synopsis takes, as `Argument.synopsis` writes it.
    private static func synopses(in page: String) throws -> [String: Set<String>] {
        let section = try #require(page.split(separator: ".Sh SYNOPSIS\n").last?.split(separator: ".Sh ").first)
        var synopses: [String: Set<String>] = [:]
        for block in section.split(separator: ".Nm\n") {
            let lines = block.split(separator: "\n")
            guard let first = lines.first, first.hasPrefix(".Cm ") else { continue }
            let arguments = lines.dropFirst().flatMap { line -> [String] in
                let words = line.split(separator: " ")
                switch words[0] {
                case ".Ar": return words.dropFirst().map(String.init)
                case ".Op" where words[1] == "Ar": return ["[\(words[2])]"]
                case ".Op": return [(["-\(words[2])"] + words.dropFirst(4).prefix(1)).joined(separator: " Ar ")]
                default: return ["\(line)"]
                }
            }
            for name in first.dropFirst(4).split(separator: " | ") { synopses[String(name)] = Set(arguments) }
        }
        return synopses
    }
}

/// What a command tells of itself with `--experimental-dump-help`.
private struct Help: Decodable {
    struct Command: Decodable {
        var commandName: String
        var subcommands: [Command]
        var arguments: [Argument]

        enum CodingKeys: CodingKey { case commandName, subcommands, arguments }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            commandName = try container.decode(String.self, forKey: .commandName)
            subcommands = try container.decodeIfPresent([Command].self, forKey: .subcommands) ?? []
            arguments = try container.decodeIfPresent([Argument].self, forKey: .arguments) ?? []
        }
    }

    struct Argument: Decodable {
        struct Name: Decodable { var name: String }

        var kind: String
        var isOptional: Bool
        var valueName: String?
        var preferredName: Name?

        /// `client`, `[file]`, `--force` or `--format Ar format`; nil for what every command takes.
        var synopsis: String? {
            switch preferredName?.name {
            case "socket", "version", "help": nil
            case let name?: "--\(name)" + (kind == "option" ? " Ar \(valueName ?? name)" : "")
            case nil: isOptional ? "[\(valueName ?? "")]" : valueName
            }
        }
    }

    var command: Command
}
