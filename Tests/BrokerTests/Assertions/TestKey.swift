import FoundationEssentials
import MockAuthorizationServer

/// Keys that RFC 7515 appendix A.3 and RFC 8037 appendix A.1 print.
enum TestKey {
    case first, second

    var jwk: String {
        switch self {
        case .first: #"{"kty":"EC","crv":"P-256","kid":"first","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#
        case .second: #"{"kty":"OKP","crv":"Ed25519","kid":"second","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"#
        }
    }
}

/// What an assertion says, its signature unread.
struct ReadAssertion {
    struct Claims: Decodable {
        var iss, aud, jti: String
        var sub, scope: String?
        var iat, exp: Int
    }

    let header: [String: String]
    let claims: Claims

    /// The one that `request` has in its field `name`.
    init?(_ request: SeenRequest, _ name: String = "client_assertion") throws {
        guard let field = request.parameters.first(where: { $0.name == name }) else { return nil }
        let parts = field.verbatim.exposed.split(separator: ".")
        header = try JSONDecoder().decode([String: String].self, from: Self.decode(parts[0]))
        claims = try JSONDecoder().decode(Claims.self, from: Self.decode(parts[1]))
    }

    private static func decode(_ part: Substring) -> Data {
        let base64 = part.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: base64 + String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)) ?? Data()
    }
}
