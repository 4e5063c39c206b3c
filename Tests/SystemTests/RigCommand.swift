import Foundation

/// What the script said when it failed.
struct RigFailure: Error, CustomStringConvertible {
    let said: String
    var description: String { said }
}

/// One run of the script `glewlwyd` beside this file.
struct RigCommand: Sendable {
    var verb: String
    var scheme: RealAuthorizationServer.Scheme
    var arguments: [String] = []
    var directory: URL
    var environment: [String: String] = [:]
    var input: String = ""

    /// Its standard output; throws its standard error when it fails.
    func run() async throws -> String {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "glewlwyd")
        let ended = try await Command.run(
            script.path,
            [verb, scheme.rawValue] + arguments,
            environment: environment.merging([
                "STATE": directory.path,
                "OWNER_PID": String(ProcessInfo.processInfo.processIdentifier),
            ]) { $1 },
            input: input
        )
        guard ended.status == 0 else { throw RigFailure(said: ended.errors.trimmingCharacters(in: .newlines)) }
        return ended.output
    }
}
