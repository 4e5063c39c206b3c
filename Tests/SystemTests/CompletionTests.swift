import Foundation
import MockAuthorizationServer
import Testing

/// What happens when somebody presses the tabulator key, in real shells on a terminal.
@Suite(
    "Completion",
    .timeLimit(.minutes(5)),
    .enabled(if: Shell.allCases.allSatisfy(\.isInstalled), "bash, zsh and fish are needed")
)
struct CompletionTests {
    private func withClients(_ body: (Room) async throws -> Void) async throws {
        let server = try await MockAuthorizationServer.start()
        let room = try Room()
        try room.configure(
            room.client("billing", at: server),
            room.client("hidden", at: server, more: "allow = [{ user = 2147483646 }]")
        )
        try await withDaemon(in: room) { _ in try await body(room) }
        await server.stop()
    }

    @Test(
        "is of commands, options, values, files, and the clients that the command may have",
        arguments: Shell.allCases
    )
    func completed(shell: Shell) async throws {
        try await withClients { room in
            let completions = [
                ("tokenctl st", "atus "),
                ("tokenctl events --fol", "low "),
                ("tokenctl token --format he", "ader "),
                ("tokenctl check \(room.path)/tokenbr", "oker.toml "),
                ("tokenctl token bil", "ling "),
                ("tokenctl watch bil", "ling "),
                ("tokenctl reject bil", "ling "),
                // Operators see those too that are not theirs.
                ("tokenctl token hid", ""),
                ("tokenctl status hid", "den "),
                ("tokenctl refresh hid", "den "),
                ("tokenctl login hid", "den "),
                ("tokenctl login --no-l", "isten "),
                ("tokenctl why 1 hid", "den "),
                ("tokenctl diagnose hid", "den "),
                ("tokenctl diagnose --sp", "end "),
                ("tokenctl explain invalid_ra", "pt "),
                ("tokenctl explain --provider cog", "nito "),
                ("tokenctl explain --grant device", "_code "),
                ("tokenctl token --socket \(room.path)/none.sock bil", ""),
                ("tokenctl status --socket \(room.adminSocket) bil", "ling "),
                ("tokenbrokerd --config \(room.path)/tokenbr", "oker.toml "),
            ]
            let lines = try await shell.complete(completions.map(\.0), in: room)
            #expect(lines == completions.map { $0 + $1 })
        }
    }

    @Test("of a client is nothing at all without a daemon", arguments: Shell.allCases)
    func withoutDaemon(shell: Shell) async throws {
        let room = try Room()
        #expect(try await shell.complete(["tokenctl token bil"], in: room) == ["tokenctl token bil"])
        let asked = try await Command.run(
            Binaries.tokenctl,
            ["---completion", "token", "--", "positional@0", "2", "0", "tokenctl", "token", ""],
            environment: room.socketVariables
        )
        let said = asked.output.filter { !$0.isNewline } + asked.errors
        #expect(asked.status == 0 && said.isEmpty, "\(said)")
    }
}

/// A shell that completes.
enum Shell: String, CaseIterable, Sendable {
    case bash, zsh, fish

    var isInstalled: Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(rawValue)")
        }
    }

    /// The name of a command's file for this shell.
    private func file(of command: String) -> String {
        switch self {
        case .bash: "\(command).bash"
        case .zsh: "_\(command)"
        case .fish: "\(command).fish"
        }
    }

    /// What stands on the command line once what is `typed` is completed, one line after the other.
    func complete(_ typed: [String], in room: Room) async throws -> [String] {
        for command in ["tokenctl", "tokenbrokerd"] {
            let script = try await Command.run(
                "\(Binaries.directory)/\(command)",
                ["--generate-completion-script", rawValue]
            )
            let path = "\(room.path)/\(file(of: command))"
            try script.output.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let search = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let own = ["HOME": room.path, "TERM": "xterm", "PATH": "\(Binaries.directory):\(search)"]
        let ended = try await Command.run(
            "zsh",
            ["-f", "-c", Self.terminal, "complete", rawValue, room.path] + typed,
            environment: own.merging(room.socketVariables) { $1 }
        )
        try #require(ended.status == 0, "\(ended.output)\(ended.errors)")
        return ended.output.split(separator: "\n").map(String.init)
    }

    /// Has a shell on a terminal of its own complete lines, and by another key print each and take it away.
    ///
    /// The terminal echoes what is typed, in which the words that are waited for must not stand.
    private static let terminal = #"""
        zmodload zsh/zpty
        case $1 in
        bash)
            start="bash --norc --noprofile -i"
            setup="PS1=; source ${(q)2}/tokenctl.bash; source ${(q)2}/tokenbrokerd.bash"
            setup+="; say() { echo LI\\NE\"<\$READLINE_LINE>\"; READLINE_LINE=; }; bind -x '\"\\C-x\": say'"
            ;;
        zsh)
            start="zsh -f -i"
            setup="PROMPT=; fpath=(${(q)2} \$fpath); autoload -Uz compinit; compinit -u -D"
            setup+="; say() { print -r -- LI\\NE\"<\$BUFFER>\"; BUFFER= }; zle -N say; bindkey '^X' say"
            ;;
        fish)
            start="fish --no-config -i"
            setup="function fish_prompt; end; source ${(q)2}/tokenctl.fish; source ${(q)2}/tokenbrokerd.fish"
            setup+="; bind \\cx 'echo LI\\NE\"<\"(commandline)\">\"; commandline \"\"'"
            ;;
        esac
        zpty shell "$start" || exit
        zpty -w shell "$setup; echo REA\\DY"
        zpty -r shell answer '*READY*' || exit
        for line in "${@:3}"; do
            zpty -w -n shell "$line"$'\t\x18'
            zpty -r shell answer '*LINE<*>*' || exit
            print -r -- "${${answer##*LINE<}%%>*}"
        done
        """#
}
