import Foundation
import Testing

/// An authorization server that nobody here wrote: Debian's glewlwyd on loopback, run by the script beside this file.
///
/// It ends with the test run at the latest.
struct RealAuthorizationServer: Sendable {
    enum Scheme: String, Sendable, CaseIterable { case http, https }

    /// A client registration at the server.
    struct Client: Sendable {
        let id: String
        let secret: String
    }

    let issuer: String
    let tokenEndpoint: String
    let introspectionEndpoint: String
    let revocationEndpoint: String
    let authorizationEndpoint: String
    let deviceAuthorizationEndpoint: String
    /// The private authority that signed the server's certificate, in PEM; with http it signs nothing.
    let caFile: String
    /// A scope that the clients may ask for; without any the server answers 403.
    let scope: String
    let otherScope: String
    /// What `scope` may be asked for, alone (RFC 8707).
    let resource: String

    /// Authenticates with client_secret_basic, raw: the server does not decode, and the secret has what coding changes.
    let basicClient: Client
    /// Authenticates with client_secret_post.
    let postClient: Client
    /// Is refused whatever it asks.
    let disabledClient: Client
    /// May use the authorization code grant alone.
    let codeOnlyClient: Client
    /// Its refresh tokens are taken once each; authenticates as `basicClient` does.
    let rotatingClient: Client

    /// Authenticates with client_secret_jwt.
    let jwtClient: Client
    /// Authenticates with private_key_jwt and an RSA key.
    let rsaClient: KeyClient
    /// Authenticates with private_key_jwt and a key on P-256.
    let ecClient: KeyClient
    /// Authenticates with tls_client_auth: with https alone.
    let certifiedClient: CertifiedClient
    /// Logs in with a browser, which may be sent to `redirectURI` alone; its refresh tokens are taken once each.
    let browserClient: Client
    let redirectURI: String
    /// Logs in on another device, without a secret; its refresh tokens are taken once each.
    let deviceClientID: String

    private let scheme: Scheme
    private let directory: URL

    /// A client that signs.
    struct KeyClient: Sendable {
        let id: String
        /// PEM.
        let keyFile: String
    }

    /// A client with a certificate of the server's own authority.
    struct CertifiedClient: Sendable {
        let id: String
        /// PEM.
        let certificateFile: String
        /// PEM.
        let keyFile: String
    }
}

// MARK: - Running

extension RealAuthorizationServer {
    /// Starts a server of its own, whose access tokens live for `accessTokenLifetime` seconds.
    static func start(scheme: Scheme, accessTokenLifetime: Int = 30) async throws -> RealAuthorizationServer {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "real-authorization-server-\(UUID().uuidString)", directoryHint: .isDirectory)
        do {
            let output = try await RigCommand(
                verb: "start",
                scheme: scheme,
                directory: directory,
                environment: ["ACCESS_TTL": String(accessTokenLifetime)]
            ).run()
            return try RealAuthorizationServer(scheme: scheme, directory: directory, output: output)
        } catch {
            try? FileManager.default.removeItem(at: directory)
            throw error
        }
    }

    /// Ends the server and keeps what it knows, as an outage does.
    func interrupt() async throws {
        _ = try await RigCommand(verb: "stop", scheme: scheme, directory: directory).run()
    }

    /// Ends an outage: the same clients, issued tokens and port.
    func resume() async throws {
        _ = try await RigCommand(verb: "restart", scheme: scheme, directory: directory).run()
    }

    /// Ends the server and removes what it left.
    func stop() async throws {
        try await interrupt()
        try FileManager.default.removeItem(at: directory)
    }

    private init(scheme: Scheme, directory: URL, output: String) throws {
        var values: [String: String] = [:]
        for line in output.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { throw RigFailure(said: "no KEY=VALUE: \(line)") }
            values[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        func value(_ key: String) throws -> String {
            guard let value = values[key] else { throw RigFailure(said: "no \(key)") }
            return value
        }
        func client(_ name: String) throws -> Client {
            Client(id: try value("\(name)_CLIENT_ID"), secret: try value("\(name)_CLIENT_SECRET"))
        }
        self.scheme = scheme
        self.directory = directory
        issuer = try value("ISSUER")
        tokenEndpoint = try value("TOKEN_ENDPOINT")
        introspectionEndpoint = try value("INTROSPECTION_ENDPOINT")
        revocationEndpoint = try value("REVOCATION_ENDPOINT")
        caFile = try value("CA_FILE")
        scope = try value("SCOPE")
        otherScope = try value("OTHER_SCOPE")
        basicClient = try client("BASIC")
        postClient = try client("POST")
        disabledClient = try client("DISABLED")
        codeOnlyClient = try client("CODE_ONLY")
        rotatingClient = try client("ROTATING")
        authorizationEndpoint = try value("AUTHORIZATION_ENDPOINT")
        deviceAuthorizationEndpoint = try value("DEVICE_AUTHORIZATION_ENDPOINT")
        resource = try value("RESOURCE")
        jwtClient = try client("JWT")
        rsaClient = KeyClient(id: try value("RSA_CLIENT_ID"), keyFile: try value("RSA_KEY_FILE"))
        ecClient = KeyClient(id: try value("EC_CLIENT_ID"), keyFile: try value("EC_KEY_FILE"))
        certifiedClient = CertifiedClient(
            id: try value("CERTIFIED_CLIENT_ID"),
            certificateFile: try value("CERTIFICATE_FILE"),
            keyFile: try value("CERTIFICATE_KEY_FILE")
        )
        browserClient = try client("BROWSER")
        redirectURI = try value("REDIRECT_URI")
        deviceClientID = try value("DEVICE_CLIENT_ID")
    }
}

// MARK: - Introspection

extension RealAuthorizationServer {
    /// What the server says about a token (RFC 7662 §2.2).
    struct Introspection: Sendable, Decodable {
        let active: Bool
        let scope: String?
        /// In seconds since 1970.
        let exp: Int?
    }

    /// Asks the server about a token that it issued to `client`.
    func introspect(_ token: String, as client: Client) async throws -> Introspection {
        let answer = try await RigCommand(
            verb: "introspect",
            scheme: scheme,
            arguments: [client.id],
            directory: directory,
            input: token
        ).run()
        return try JSONDecoder().decode(Introspection.self, from: Data(answer.utf8))
    }
}

extension RealAuthorizationServer {
    /// What an access token of this server says (RFC 9068 §2.2), its signature not looked at.
    static func claims(of token: String) throws -> [String: Any] {
        let payload = token.split(separator: ".").dropFirst().first ?? ""
        let base64 = payload.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - base64.count % 4) % 4)
        let document = Data(base64Encoded: base64 + padding).flatMap { try? JSONSerialization.jsonObject(with: $0) }
        guard let claims = document as? [String: Any] else { throw RigFailure(said: "no JWT with claims") }
        return claims
    }
}

// MARK: - Refresh tokens

extension RealAuthorizationServer {
    /// A person logs in and consents; gives back the first refresh token of `rotatingClient`.
    func logIn() async throws -> String {
        let token = try await RigCommand(verb: "refresh-token", scheme: scheme, directory: directory).run()
        return token.trimmingCharacters(in: .newlines)
    }

    /// Ends a refresh token of `rotatingClient`, as an administrator would.
    func revoke(_ refreshToken: String) async throws {
        _ = try await RigCommand(verb: "revoke", scheme: scheme, directory: directory, input: refreshToken).run()
    }
}

// MARK: - A person with a browser

extension RealAuthorizationServer {
    /// A person opens `url`, logs in and consents to what the client asks; gives back where the browser is sent.
    func open(_ url: String, for clientID: String) async throws -> String {
        try await browse(url, for: clientID).trimmingCharacters(in: .newlines)
    }

    /// As `open`, and the browser goes where it is sent; gives back the page that it finds there.
    func follow(_ url: String, for clientID: String) async throws -> String {
        try await browse(url, for: clientID, environment: ["FOLLOW": "1"])
    }

    private func browse(
        _ url: String,
        for clientID: String,
        environment: [String: String] = [:]
    ) async throws -> String {
        try await RigCommand(
            verb: "browse",
            scheme: scheme,
            arguments: [clientID],
            directory: directory,
            environment: environment,
            input: url + "\n"
        ).run()
    }

    /// A person logs in and types a device's code.
    func approve(_ userCode: String, for clientID: String) async throws {
        _ = try await RigCommand(
            verb: "approve",
            scheme: scheme,
            arguments: [clientID, userCode],
            directory: directory
        ).run()
    }
}

// MARK: - Where it can be had

extension Trait where Self == ConditionTrait {
    /// Runs on Debian and Ubuntu, where a server that does not start is a failure; says that it was skipped elsewhere.
    static var needsRealAuthorizationServer: Self {
        .enabled(
            if: RealAuthorizationServer.isExpectedHere,
            "skipped: the real authorization server is Debian's package, and this is neither Debian nor Ubuntu"
        )
    }
}

extension RealAuthorizationServer {
    /// Whether this system, or one that it says it is like, has the package (os-release(5)).
    static let isExpectedHere: Bool = {
        let path = ["/etc/os-release", "/usr/lib/os-release"].first(where: FileManager.default.isReadableFile(atPath:))
        guard let path, let text = try? String(contentsOfFile: path, encoding: .utf8) else { return false }
        return isExpected(onSystemDescribedBy: text)
    }()

    static func isExpected(onSystemDescribedBy osRelease: String) -> Bool {
        osRelease.split(separator: "\n").contains { line in
            let words = line.split { " =\"'".contains($0) }
            guard words.first == "ID" || words.first == "ID_LIKE" else { return false }
            return words.dropFirst().contains { $0 == "debian" || $0 == "ubuntu" }
        }
    }
}
