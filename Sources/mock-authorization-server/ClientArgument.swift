import ArgumentParser
import Foundation
import MockAuthorizationServer

/// A client as it is written after `--client`: never with its secret, which everybody could read in the process list.
struct ClientArgument: ExpressibleByArgument {
    private enum SecretSource {
        case file(String)
        case environment(String)
    }

    private let id: String
    private let source: SecretSource?

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
        guard let id = parts.first else { return nil }
        self.id = id
        guard parts.count == 2 else {
            source = nil
            return
        }
        if parts[1].hasPrefix("file:") {
            source = .file(String(parts[1].dropFirst("file:".count)))
        } else if parts[1].hasPrefix("env:") {
            source = .environment(String(parts[1].dropFirst("env:".count)))
        } else {
            return nil
        }
    }

    /// The registration, its secret read; line ends after it in a file do not count.
    func registered() throws -> RegisteredClient {
        switch source {
        case nil:
            return RegisteredClient(id: id)
        case .file(let path):
            let contents = try String(contentsOfFile: path, encoding: .utf8)
            return RegisteredClient(id: id, secrets: [contents.trimmingCharacters(in: .newlines)])
        case .environment(let name):
            guard let secret = ProcessInfo.processInfo.environment[name] else {
                throw ValidationError("the environment has no \(name), the secret of client \(id)")
            }
            return RegisteredClient(id: id, secrets: [secret])
        }
    }
}

/// A duration as it is written in an argument.
struct DurationArgument: ExpressibleByArgument {
    let duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        guard let duration = DurationText.parse(argument) else { return nil }
        self.duration = duration
    }

    var defaultValueDescription: String { duration.formatted(.units(width: .narrow)) }
}
