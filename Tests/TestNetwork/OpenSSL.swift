internal import Subprocess

/// The command `openssl`, which makes keys and judges signatures without our libraries.
package enum OpenSSL {
    /// It ended with a failure.
    package struct Failure: Error {
        /// What it wrote to standard error.
        package let said: String
    }

    /// Runs it with `arguments`, and returns what it wrote.
    @discardableResult
    package static func run(_ arguments: [String]) async throws -> String {
        let run = try await Subprocess.run(
            .name("openssl"),
            arguments: Arguments(arguments),
            output: .string(limit: 65_536),
            error: .string(limit: 65_536)
        )
        guard run.terminationStatus.isSuccess else { throw Failure(said: run.standardError) }
        return run.standardOutput
    }
}
