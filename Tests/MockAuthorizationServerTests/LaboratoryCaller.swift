import Foundation
import NIOHTTP1
import Synchronization

@testable import MockAuthorizationServer

/// What a client of the laboratory asks.
enum LaboratoryQuestion {
    /// For a token of its own.
    case ownToken(scope: String? = nil)

    /// With a refresh token that the server issued.
    case refresh

    /// With a refresh token that nobody issued.
    case fakeRefresh

    /// With a code that the server issued.
    case code

    /// With a code that nobody issued.
    case fakeCode
}

/// How a client of the laboratory proves itself.
enum LaboratoryProof {
    case basic(String)
    case body(id: String, secret: String)
    case none(id: String)

    /// As the client is registered.
    static let right = LaboratoryProof.basic("billing:\(LaboratoryCaller.secret)")
}

/// Asks a server in the laboratory, where one client is registered.
struct LaboratoryCaller {
    /// What a Basic header can hold in two ways.
    static let secret = "s3cr+t/of=billing"

    let server: MockAuthorizationServer

    /// Runs `body` with a server that knows one client.
    static func with(
        _ configure: (inout Configuration) -> Void = { _ in },
        _ body: (LaboratoryCaller) async throws -> Void
    ) async throws {
        try await withServer {
            $0.clients = .registered([RegisteredClient(id: "billing", secrets: [secret], grants: GrantType.all)])
            configure(&$0)
        } _: {
            try await body(LaboratoryCaller(server: $0))
        }
    }

    func setFault(_ name: String) throws {
        guard let fault = LaboratoryFault.named(name) else { throw ControlError("no fault \(name)") }
        try server.setFault(fault)
    }

    /// Asks where a client is told to ask, as long as that is here.
    func ask(
        _ question: LaboratoryQuestion,
        _ proof: LaboratoryProof = .right,
        headers more: HTTPHeaders = [:]
    ) async throws -> Answer {
        var form = fields(question)
        var headers = more
        headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        if headers["Accept"].isEmpty { headers.add(name: "Accept", value: "application/json") }
        switch proof {
        case .basic(let pair):
            headers.add(name: "Authorization", value: "Basic " + Data(pair.utf8).base64EncodedString())
        case .body(let id, let secret): form += [("client_id", id), ("client_secret", secret)]
        case .none(let id): form.append(("client_id", id))
        }
        let body = form.map { "\($0)=\(Form.encode($1))" }.joined(separator: "&")
        return try await Caller.send(.POST, server.givenTokenEndpoint, body: body, headers: headers)
    }

    private func fields(_ question: LaboratoryQuestion) -> [(String, String)] {
        switch question {
        case .ownToken(let scope):
            [("grant_type", "client_credentials")] + (scope.map { [("scope", $0)] } ?? [])
        case .refresh:
            [("grant_type", "refresh_token"), ("refresh_token", server.issueRefreshToken(client: "billing"))]
        case .fakeRefresh: [("grant_type", "refresh_token"), ("refresh_token", "nobody-issued-it")]
        case .code: code(issueCode())
        case .fakeCode: code("nobody-issued-it")
        }
    }

    func code(_ code: String) -> [(String, String)] {
        [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", "http://127.0.0.1/callback"),
            ("code_verifier", "verifier"),
        ]
    }

    /// A code as a login brings it.
    func issueCode() -> String {
        let login = Login(clientID: "billing", subject: "ann", scope: [], form: Form())
        let binding = AuthorizationCodes.Binding(
            redirectURI: "http://127.0.0.1/callback",
            challenge: CodeChallenge.of("verifier")
        )
        let now = server.now()
        return server.state.withLock { $0.codes.issue(login, binding, now: now) }
    }
}
