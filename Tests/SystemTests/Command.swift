import Subprocess
import SystemPackage

/// A command that ran to its end.
struct Command: Sendable {
    /// The exit status; a signal's number, negative, when one ended it.
    let status: Int32
    let output: String
    let errors: String

    /// More than any command of these tests says.
    private static let longestOutput = 4 << 20

    static func run(
        _ path: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        input: String = ""
    ) async throws -> Command {
        let ended = try await Subprocess.run(
            path.hasPrefix("/") ? .path(FilePath(path)) : .name(path),
            arguments: Arguments(arguments),
            environment: .inherit.updating(named: environment),
            input: .string(input),
            output: .string(limit: longestOutput),
            error: .string(limit: longestOutput)
        )
        return Command(
            status: ended.terminationStatus.number,
            output: ended.standardOutput,
            errors: ended.standardError
        )
    }

    /// The operators' and callers' command, on the sockets of `room`.
    static func tokenctl(_ arguments: String..., in room: Room) async throws -> Command {
        try await run(Binaries.tokenctl, arguments, environment: room.socketVariables)
    }
}

extension Command {
    /// The command ended before it said anything.
    struct SaidNothing: Error, CustomStringConvertible {
        let command: [String]
        var description: String { "\(command.joined(separator: " ")) ended before it said anything" }
    }

    /// Runs `body` with the first line that a command says, then ends the command's standard input and waits for its end.
    static func whileRunning<Value: Sendable>(
        _ path: String,
        _ arguments: [String],
        _ body: (String) async throws -> Value
    ) async throws -> Value {
        try await whileTalking(path, arguments, body).value
    }

    /// The same, with what the command said from its second line on.
    static func whileTalking<Value: Sendable>(
        _ path: String,
        _ arguments: [String],
        _ body: (String) async throws -> Value
    ) async throws -> (value: Value, rest: String) {
        try await Subprocess.run(
            path.hasPrefix("/") ? .path(FilePath(path)) : .name(path),
            arguments: Arguments(arguments),
            input: .inputWriter,
            output: .sequence,
            error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
        ) { running in
            var lines = running.standardOutput.strings().makeAsyncIterator()
            let outcome: Result<Value, any Error>
            do {
                guard let line = try await lines.next() else { throw SaidNothing(command: [path] + arguments) }
                outcome = .success(try await body(line))
            } catch {
                outcome = .failure(error)
            }
            try await running.standardInputWriter.finish()
            var rest = ""
            while let line = try await lines.next() { rest += line.hasSuffix("\n") ? line : line + "\n" }
            return (try outcome.get(), rest)
        }.closureResult
    }
}

extension Environment {
    func updating(named variables: [String: String]) -> Environment {
        updating(variables.reduce(into: [:]) { $0[.init(stringLiteral: $1.key)] = $1.value })
    }
}

extension TerminationStatus {
    /// The exit status; a signal's number, negative, when one ended the process.
    var number: Int32 {
        switch self {
        case .exited(let status): status
        case .signaled(let signal): -signal
        }
    }
}
