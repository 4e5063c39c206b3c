import Benchmarking
import Foundation
import LinuxHost
import OAuth2

/// oidc-agent with one account, which ends with this object.
final class OIDCAgent {
    static let account = "bench"

    /// Where its socket is, for those who ask it.
    let environment: [String: String]
    private let process: ChildProcess

    /// Returns when it holds a token: the account gets a login at the mock, as a person's would by device code.
    init(in room: Room, at server: MockServer, processor: Int?) throws {
        let directory = "\(room.path)/oidc"
        try FileSystem.createDirectory(directory, mode: 0o700)
        let socket = "\(directory)/agent.sock"
        environment = ["OIDC_SOCK": socket, "OIDC_CONFIG_DIR": directory, "OIDC_ENCRYPTION_PW": "of the benchmark"]
        process = try ChildProcess(
            "oidc-agent",
            ["--console", "--quiet", "--no-autoreauthenticate", "--no-scheme", "--no-webserver", "-a", socket],
            environment: environment,
            processor: processor,
            errors: .nothing
        )
        // It does not say when it listens.
        let deadline = ContinuousClock.now + .seconds(10)
        while !FileSystem.exists(socket) {
            guard ContinuousClock.now < deadline, process.ended == nil else {
                throw BenchmarkFailure("oidc-agent did not start")
            }
            Thread.sleep(forTimeInterval: 0.01)
        }
        let login = try Login(at: server)
        try run(
            "oidc-gen",
            [
                "--pw-env", "--manual", "--confirm-default", "--prompt=none", "--iss=\(login.issuer)/",
                "--client-id=\(Login.client)", "--client-secret=\(Login.secret)", "--scope=\(Login.scope)",
                "--redirect-uri=http://localhost:4242", "--rt-env", Self.account,
            ],
            environment: ["OIDC_REFRESH_TOKEN": login.refreshToken]
        )
        // The first token comes from the server, and is cached from then on.
        try run("oidc-token", [Self.account])
    }

    private func run(_ program: String, _ arguments: [String], environment more: [String: String] = [:]) throws {
        let process = try ChildProcess(
            program,
            arguments,
            environment: environment.merging(more) { $1 },
            output: .pipe,
            errors: .file("\(environment["OIDC_CONFIG_DIR"]!)/errors")
        )
        _ = process.readAll()
        let status = process.wait().status
        guard status == 0 else { throw BenchmarkFailure("\(program) ended with \(status)") }
    }
}

/// A login at the mock, whose person consents at once.
private struct Login {
    static let client = "oidc"
    static let secret = "s3cret-of-the-client"
    static let scope = "openid offline_access"

    let issuer: String
    let refreshToken: String

    init(at server: MockServer) throws {
        let (issuer, port) = try Self.place(of: server.tokenEndpoint)
        let known = ["client_id": Self.client, "client_secret": Self.secret]
        let wish = known.merging(["scope": Self.scope]) { $1 }
        let device = try Self.post("/oauth2/device_authorization", wish, to: port)
        guard let code = device["device_code"] as? String, let page = device["verification_uri_complete"] as? String,
            page.hasPrefix(issuer)
        else { throw BenchmarkFailure("the mock gave no device code") }
        _ = try HTTPExchange(HTTPExchange.request("GET", String(page.dropFirst(issuer.count))), to: .port(port))
        let grant = ["grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": code]
        let answer = try Self.post("/oauth2/token", known.merging(grant) { $1 }, to: port)
        guard let token = answer["refresh_token"] as? String else {
            throw BenchmarkFailure("the mock gave no refresh token")
        }
        self.issuer = issuer
        refreshToken = token
    }

    private static func place(of endpoint: String) throws -> (issuer: String, port: UInt16) {
        guard let url = URLComponents(string: endpoint), let port = url.port.flatMap(UInt16.init(exactly:)) else {
            throw BenchmarkFailure("\(endpoint) has no port")
        }
        return (String(endpoint.dropLast(url.path.count)), port)
    }

    private static func post(_ path: String, _ form: [String: String], to port: UInt16) throws -> [String: Any] {
        let parameters = form.map { FormParameter(name: $0, value: $1) }
        let request = HTTPExchange.request(
            "POST",
            path,
            fields: ["Content-Type: application/x-www-form-urlencoded"],
            body: FormEncoding.encode(parameters)
        )
        let answer = try HTTPExchange(request, to: .port(port))
        return try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any] ?? [:]
    }
}
