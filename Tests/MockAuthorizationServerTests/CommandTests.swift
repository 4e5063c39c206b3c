import Foundation
import MockAuthorizationServer
import NIOHTTP1
import Subprocess
import SystemPackage
import Testing

@Suite("The command mock-authorization-server")
struct CommandTests {
    /// The built command, beside the tests.
    private static let executable = FilePath(
        Bundle.main.bundleURL.appending(path: "mock-authorization-server").path
    )

    @Test(
        "it says where it is, serves the clients it was given, logs, and ends on a signal",
        arguments: [Signal.terminate, .interrupt]
    )
    func run(signal: Signal) async throws {
        let ended = try await Subprocess.run(
            .path(Self.executable),
            arguments: ["--lifetime", "30s", "--token-length", "1200", "--client", "billing=env:BILLING_SECRET"],
            environment: .custom(["BILLING_SECRET": "hunter2"]),
            input: .none,
            output: .sequence,
            error: .string(limit: 65_536)
        ) { server in
            let places = try await places(server.standardOutput)
            let tokenEndpoint = try #require(places["token_endpoint"])
            let control = try #require(places["control"])
            let form = "grant_type=client_credentials"
            let granted = try await Caller.post(form, to: tokenEndpoint, basic: "billing:hunter2")
            #expect(granted.members["expires_in"] == 30)
            #expect(granted["access_token"]?.count == 1_200)
            #expect(try await Caller.post(form, to: tokenEndpoint, basic: "billing:hunter3").status == 401)
            #expect(try await Caller.post(form, to: tokenEndpoint, basic: "other:hunter2").status == 401)
            #expect(try await Caller.send(.GET, control).status == 200)
            try server.send(signal: signal)
        }
        let log = ended.standardError
        #expect(ended.terminationStatus == .exited(0))
        #expect(log.contains("token client=billing grant=client_credentials status=200 issued\n"))
        #expect(log.contains("token client=other grant=client_credentials status=401 invalid_client\n"))
        #expect(!log.contains("hunter"))
    }

    /// What the line says that tells where the server is, split at its spaces and `=`.
    private func places(_ output: SubprocessOutputSequence) async throws -> [String: String] {
        for try await line in output.strings() {
            let pairs = line.split(whereSeparator: \.isWhitespace).map { $0.split(separator: "=") }
            try #require(pairs.allSatisfy { $0.count == 2 })
            return Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), String($0[1])) })
        }
        return [:]
    }

    @Test("with a fault it says where its client is to ask, and answers as the provider does")
    func fault() async throws {
        let ended = try await Subprocess.run(
            .path(Self.executable),
            arguments: ["--fault", "entra_secret_expired", "--client", "billing=env:BILLING_SECRET"],
            environment: .custom(["BILLING_SECRET": "hunter2"]),
            input: .none,
            output: .sequence,
            error: .string(limit: 65_536)
        ) { server in
            let places = try await places(server.standardOutput)
            #expect(places["fault"] == "entra_secret_expired")
            let tokenEndpoint = try #require(places["token_endpoint"])
            #expect(tokenEndpoint.hasSuffix("/oauth2/v2.0/token"))
            #expect(places["issuer"].map { tokenEndpoint.hasPrefix($0.dropLast("/v2.0".count)) } == true)
            let form = "grant_type=client_credentials"
            let refused = try await Caller.post(form, to: tokenEndpoint, basic: "billing:hunter2")
            #expect(refused["error_description"]?.hasPrefix("AADSTS7000222") == true)
            let key = try #require(places["jwks_uri"])
            #expect(try await Caller.send(.GET, key).status == 200)
            try server.send(signal: .terminate)
        }
        #expect(ended.terminationStatus == .exited(0))
    }

    @Test("the faults are listed as a table and as a document", arguments: ["table", "json"])
    func list(format: String) async throws {
        let ended = try await Subprocess.run(
            .path(Self.executable),
            arguments: ["--list-faults", "--format", format],
            environment: .custom([:]),
            output: .string(limit: 1 << 20),
            error: .string(limit: 65_536)
        )
        #expect(ended.terminationStatus.isSuccess)
        #expect(ended.standardOutput == (format == "json" ? FaultList.json : FaultList.table))
        #expect(ended.standardError == "")
    }

    @Test(
        "what it cannot do is said, and nothing is served",
        arguments: [
            (["--client", "billing=env:NOWHERE"], "NOWHERE"),
            (["--client", "billing=hunter2"], "--client"),
            (["--lifetime", "soon"], "--lifetime"),
            (["--token-length", "66"], "67"),
            (["--certificate", "/nowhere.pem"], "--private-key"),
            (["--mtls-port", "0"], "--certificate"),
            (["--clients-file", "/nowhere.json"], "nowhere.json"),
            (["--fault", "cognito_wrong_secrt"], "did you mean cognito_wrong_secret"),
            (["--fault", "cognito_certificate_expired"], "--certificate"),
            (["--fault", "cognito_second_secret"], "--client"),
            (["--fault", "cognito_throttled", "--manner", "entra"], "--manner"),
            (["--manner", "nobody"], "nobody"),
        ]
    )
    func refusal(arguments: [String], named: String) async throws {
        let ended = try await Subprocess.run(
            .path(Self.executable),
            arguments: Arguments(arguments),
            environment: .custom([:]),
            output: .string(limit: 65_536),
            error: .string(limit: 65_536)
        )
        #expect(!ended.terminationStatus.isSuccess)
        #expect(ended.standardOutput == "")
        #expect(ended.standardError.contains(named))
    }
}
