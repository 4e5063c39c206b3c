internal import Crypto
internal import OAuth2

/// What a login in a browser is recognised by, and redeemed with: in memory alone, for as long as the login.
struct BrowserLogin: Sendable {
    /// As it stands in the authorization request, and byte for byte in the token request (RFC 6749 §4.1.3).
    let redirectURI: Secret

    /// Ties the browser's answer to this login (RFC 6749 §10.12).
    let state: Secret

    /// Shows that who redeems the code is who asked for it (RFC 7636 §4.1).
    let verifier: Secret

    /// Whose answer it must be; nil when that is not known.
    var issuer: String?

    /// Whether the server says that its answers name it (RFC 9207 §3).
    var isIssuerStated = false

    init(redirectURI: String) {
        self.redirectURI = Secret(redirectURI)
        state = .random()
        verifier = .random()
    }

    /// The URL that the browser opens.
    func url(at endpoint: EndpointURL, of client: ClientConfiguration) -> String {
        let named = Set(client.parameters.map(\.name))
        let usual = client.spokenProvider(at: endpoint).profile.authorizationParameters
        return AuthorizationRequest(
            clientID: client.clientID,
            redirectURI: redirectURI.exposed(),
            state: state.exposed(),
            codeChallenge: Self.challenge(of: verifier),
            target: client.target,
            parameters: client.parameters + usual.filter { !named.contains($0.name) }
        ).url(at: endpoint)
    }

    /// A verifier's digest (RFC 7636 §4.2).
    static func challenge(of verifier: Secret) -> String {
        var digest = SHA256()
        var bytes = verifier.exposedBytes()
        defer { bytes.wipe() }
        digest.update(data: bytes)
        return String(decoding: Base64URL.encode(Array(digest.finalize())), as: UTF8.self)
    }

    /// The code in what the browser brought.
    func code(in redirect: Secret) -> Result<Secret, AuthorizationResponse.Refusal> {
        guard let query = RedirectURI.query(of: redirect.exposed()) else { return .failure(.malformed) }
        do throws(AuthorizationResponse.Refusal) {
            return .success(
                try AuthorizationResponse.code(
                    inQuery: query.utf8,
                    state: state,
                    issuer: issuer,
                    isIssuerStated: isIssuerStated
                )
            )
        } catch {
            return .failure(error)
        }
    }
}

extension Secret {
    /// 256 random bits, as 43 characters that stand for themselves in a URL.
    static func random() -> Secret {
        var generator = SystemRandomNumberGenerator()
        var bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        defer { bytes.wipe() }
        var text = Base64URL.encode(bytes)
        return Secret(wiping: &text)
    }
}

/// Base64 in the alphabet of URLs, without padding (RFC 4648 §5).
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        var (bits, count) = (0, 0)
        for byte in bytes {
            bits = (bits << 8 | Int(byte)) & 0xFFFF
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[bits >> count & 0x3F])
            }
        }
        if count > 0 { text.append(alphabet[bits << (6 - count) & 0x3F]) }
        return text
    }
}
