import Foundation
import MockAuthorizationServer
import NIOHTTP1
import Testing

@Suite("The command mock-authorization-server")
struct CommandTests {
    /// The built command, beside the tests.
    private static let executable = Bundle.main.bundleURL.appending(path: "mock-authorization-server")

    /// A run of the command.
    private final class Run {
        let process = Process()
        private let output = Pipe()
        private let errors = Pipe()

        init(_ arguments: [String], environment: [String: String] = [:]) throws {
            process.executableURL = CommandTests.executable
            process.arguments = arguments
            process.environment = environment
            process.standardOutput = output
            process.standardError = errors
            try process.run()
        }

        /// The line that says where the server is, split at its spaces and `=`; nil when the command ends without one.
        func ready() -> [String: String]? {
            var line = Data()
            while let byte = try? output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty, byte != Data("\n".utf8)
            {
                line += byte
            }
            let pairs = String(decoding: line, as: UTF8.self).split(separator: " ").map { $0.split(separator: "=") }
            guard pairs.allSatisfy({ $0.count == 2 }), !pairs.isEmpty else { return nil }
            return Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), String($0[1])) })
        }

        /// What was logged, once the command has ended, and how it ended.
        func end() throws -> (log: String, status: Int32) {
            let log = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            return (log, process.terminationStatus)
        }
    }

    @Test(
        "it says where it is, serves the clients it was given, logs, and ends on a signal",
        arguments: [SIGTERM, SIGINT]
    )
    func run(signal: Int32) async throws {
        let run = try Run(
            ["--lifetime", "30s", "--client", "billing=env:BILLING_SECRET"],
            environment: ["BILLING_SECRET": "hunter2"]
        )
        let places = try #require(run.ready())
        let tokenEndpoint = try #require(places["token_endpoint"])
        let control = try #require(places["control"])
        let form = "grant_type=client_credentials"
        let granted = try await Caller.post(form, to: tokenEndpoint, basic: "billing:hunter2")
        #expect(granted.members["expires_in"] == 30)
        #expect(try await Caller.post(form, to: tokenEndpoint, basic: "billing:hunter3").status == 401)
        #expect(try await Caller.post(form, to: tokenEndpoint, basic: "other:hunter2").status == 401)
        #expect(try await Caller.send(.GET, control).status == 200)

        kill(run.process.processIdentifier, signal)
        let (log, status) = try run.end()
        #expect(status == 0)
        #expect(log.contains("token client=billing grant=client_credentials status=200 issued\n"))
        #expect(log.contains("token client=other grant=client_credentials status=401 invalid_client\n"))
        #expect(!log.contains("hunter"))
    }

    @Test(
        "what it cannot do is said, and nothing is served",
        arguments: [
            (["--client", "billing=env:NOWHERE"], "NOWHERE"),
            (["--client", "billing=hunter2"], "--client"),
            (["--lifetime", "soon"], "--lifetime"),
            (["--certificate", "/nowhere.pem"], "--private-key"),
            (["--clients-file", "/nowhere.json"], "nowhere.json"),
        ]
    )
    func refusal(arguments: [String], named: String) throws {
        let run = try Run(arguments)
        #expect(run.ready() == nil)
        let (log, status) = try run.end()
        #expect(status != 0)
        #expect(log.contains(named))
    }
}
