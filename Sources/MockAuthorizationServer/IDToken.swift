import Crypto
import Foundation

/// What signs the server's ID tokens: a key of its own, as old as the server.
struct IDTokenSigner: Sendable {
    private let key = P256.Signing.PrivateKey()
    private static let keyID = "mock"

    /// The token of a login (OpenID Connect Core §2).
    func token(for login: Login, issuer: String, lifetime: Duration, now: Duration) -> String {
        let seconds = Int(now.components.seconds)
        var claims: [String: JSONValue] = [
            "iss": .string(issuer), "sub": .string(login.subject), "aud": .string(login.clientID),
            "iat": .integer(seconds), "exp": .integer(seconds + Int(lifetime.components.seconds)),
        ]
        if let nonce = login.nonce { claims["nonce"] = .string(nonce) }
        let header: JSONValue = ["alg": "ES256", "typ": "JWT", "kid": .string(IDTokenSigner.keyID)]
        let signed = Base64URL.encode(header.encoded()) + "." + Base64URL.encode(JSONValue.object(claims).encoded())
        // Only a key that is broken cannot sign, and this one was just made.
        let signature = try? key.signature(for: Data(signed.utf8)).rawRepresentation
        return signed + "." + Base64URL.encode(signature ?? Data())
    }

    /// The public half (RFC 7517 §5).
    var keySet: JSONValue {
        let point = key.publicKey.rawRepresentation
        return [
            "keys": [
                [
                    "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": .string(IDTokenSigner.keyID),
                    "x": .string(Base64URL.encode(point.prefix(32))), "y": .string(Base64URL.encode(point.suffix(32))),
                ]
            ]
        ]
    }
}
