import Diagnosis
import Foundation
import LocalAPI
import MockAuthorizationServer
import Testing

/// A fault of the laboratory at a server of its own, and the client that it befalls.
struct StagedCause: Sendable {
    let fault: LaboratoryFault
    let server: MockAuthorizationServer

    /// The client's table.
    let configuration: String

    private let grant: GrantType

    /// What a client has lived through before it meets the fault.
    private enum Past {
        case none

        /// A token came.
        case worked

        /// It worked, and the answer to the next request was lost on its way.
        case unanswered
    }

    /// - Parameters:
    ///   - number: Tells its client's identifier from others.
    ///   - certificate: What the server shows; nil for plain HTTP.
    ///   - authority: A PEM file that the client trusts besides the system's.
    ///   - key: A PEM file for clients that sign.
    ///   - redirectPort: Where logins come back to, one after the other.
    init(
        _ fault: LaboratoryFault,
        number: Int,
        in room: Room,
        certificate: TLSFiles? = nil,
        authority: String? = nil,
        key: String,
        redirectPort: Int
    ) async throws {
        self.fault = fault
        grant = try #require(fault.grants.first)
        let shape = CredentialShape(for: fault, number: number)
        var settings = Configuration()
        settings.tls = certificate
        settings.clients = .registered([
            RegisteredClient(
                id: shape.clientID,
                // An assertion that is the grant is all that such a client shows.
                secrets: grant == .jwtBearer ? [] : [shape.secret],
                grants: GrantType.all
            )
        ])
        server = try await MockAuthorizationServer.start(settings)
        try server.setFault(fault)
        let signs = fault.settings.contains { $0.contains("private_key") }
        let isPublic = fault.settings.contains { $0.contains("\"none\"") }
        let given = shape.given(for: fault)
        var lines = [
            "[clients.\(fault.name)]", "provider = \"\(fault.provider)\"", "client_id = \"\(given.clientID)\"",
            "grant = \"\(grant.configured)\"", "token_endpoint = \"\(server.givenTokenEndpoint)\"",
            "jwks_uri = \"\(server.url(.jwks))\"",
        ]
        if let authority { lines.append("ca_file = \"\(authority)\"") }
        if !isPublic, !signs {
            let secrets = try given.secrets.enumerated().map { place, secret in
                "{ file = \"\(try room.secret("\(fault.name).secret\(place)", secret))\" }"
            }
            lines.append("client_secret = [\(secrets.joined(separator: ", "))]")
        }
        switch grant {
        case .refreshToken:
            let token = server.issueRefreshToken(client: shape.clientID)
            lines.append("refresh_token = { file = \"\(try room.secret("\(fault.name).token", token))\" }")
            if fault.cause == "refresh_token_expired" { lines.append("refresh_token_lifetime = \"2s\"") }
        case .authorizationCode:
            lines += [
                "authorization_endpoint = \"\(server.url(.authorization))\"",
                "redirect_uri = \"http://127.0.0.1:\(redirectPort)/callback\"",
            ]
        case .clientCredentials, .deviceCode, .jwtBearer:
            break
        }
        let told = fault.settings.map { $0.replacing("…", with: key) }
        configuration = (lines + told).joined(separator: "\n") + "\n\n"
    }

    private var past: Past {
        switch fault.cause {
        case "refresh_token_reused": .unanswered
        case "secret_replaced", "refresh_token_revoked", "refresh_token_expired", "session_ended", "disabled_client",
            "publisher_testing":
            .worked
        default: .none
        }
    }

    /// Lets the client meet the fault.
    func bringAbout(in room: Room) async throws {
        if past != .none {
            #expect(server.setManner(of: fault.provider))
            let fetched = try await Command.tokenctl("token", fault.name, in: room)
            #expect(fetched.status == 0, "\(fault.name): \(fetched.errors)")
        }
        if past == .unanswered {
            server.setBehaviour(.fault(.dropBeforeAnswer), times: 1)
            _ = try await Command.tokenctl("refresh", fault.name, in: room)
        }
        try server.setFault(fault)
        switch grant {
        case .authorizationCode:
            _ = try await ScriptedLogin.run(fault.name, in: room) {
                try await ScriptedLogin.browse($0.authorizationUri)
            }
        case .clientCredentials, .refreshToken, .deviceCode, .jwtBearer:
            _ = try await Command.tokenctl("refresh", fault.name, in: room)
        }
    }
}

extension GrantType {
    /// As the configuration writes it.
    fileprivate var configured: String {
        switch self {
        case .clientCredentials, .refreshToken, .authorizationCode: rawValue
        case .deviceCode: "device_code"
        case .jwtBearer: "jwt_bearer"
        }
    }
}
