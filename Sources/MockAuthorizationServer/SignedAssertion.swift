import Crypto

/// How an assertion may be signed (RFC 7518 §3.1, RFC 8037 §3.1).
enum AssertionAlgorithm: String, Sendable, CaseIterable {
    case hs256 = "HS256"
    case rs256 = "RS256"
    case ps256 = "PS256"
    case es256 = "ES256"
    case edDSA = "EdDSA"
}

/// An assertion as it came (RFC 7523 §3), not yet believed.
struct SignedAssertion: Sendable {
    let algorithm: String
    let keyID: String?
    let claims: [String: JSONValue]
    private let signed: [UInt8]
    private let signature: [UInt8]

    /// Nil for what is no JWT in the compact form (RFC 7515 §7.1).
    init?(_ compact: String) {
        let parts = compact.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2]), case .object(let head) = JSONText.decode(header),
            case .object(let claims) = JSONText.decode(payload), case .string(let algorithm) = head["alg"]
        else { return nil }
        self.algorithm = algorithm
        if case .string(let id) = head["kid"] { keyID = id } else { keyID = nil }
        self.claims = claims
        self.signature = signature
        signed = Array("\(parts[0]).\(parts[1])".utf8)
    }

    var issuer: String? { text("iss") }
    var subject: String? { text("sub") }
    var identifier: String? { text("jti") }

    /// `aud`, which may be one or several (RFC 7519 §4.1.3).
    var audience: [String] {
        switch claims["aud"] {
        case .string(let one): [one]
        case .array(let several): several.compactMap { if case .string(let one) = $0 { one } else { nil } }
        default: []
        }
    }

    private func text(_ name: String) -> String? {
        if case .string(let text) = claims[name] { text } else { nil }
    }

    private func time(_ name: String) -> Duration? {
        switch claims[name] {
        case .integer(let seconds): .seconds(seconds)
        case .number(let seconds): .seconds(seconds)
        default: nil
        }
    }

    /// Why an assertion is not believed.
    struct Refusal: Error {
        let description: String

        init(_ description: String) { self.description = description }
    }

    /// A clock that is off by more is wrong.
    static let leeway = Duration.seconds(5)

    /// What lives longer is a password (RFC 7523 §3, item 4).
    static let longestLife = Duration.seconds(3_600)

    /// Checks all that is not the signature; gives back when it ends.
    func checkClaims(audience accepted: [String], now: Duration) throws(Refusal) -> Duration {
        guard let expiry = time("exp") else { throw Refusal("assertion has no exp") }
        guard now < expiry + SignedAssertion.leeway else { throw Refusal("assertion expired") }
        let beginning = time("nbf") ?? time("iat") ?? now
        guard beginning <= now + SignedAssertion.leeway else { throw Refusal("assertion is not valid yet") }
        guard expiry <= (time("iat") ?? now) + SignedAssertion.longestLife + SignedAssertion.leeway else {
            throw Refusal("assertion lives longer than an hour")
        }
        guard audience.contains(where: accepted.contains) else {
            throw Refusal(
                "assertion audience is \(audience.joined(separator: " ")), not \(accepted.joined(separator: " or "))"
            )
        }
        return expiry
    }

    /// Checks that one of the client's keys, or secrets, signed it.
    func checkSignature(keys: [VerificationKey], secrets: [String]) throws(Refusal) {
        guard let algorithm = AssertionAlgorithm(rawValue: algorithm) else {
            throw Refusal("assertion algorithm \(algorithm) is not supported")
        }
        if algorithm == .hs256 {
            let isRight = secrets.contains { secret in
                HMAC<SHA256>.isValidAuthenticationCode(
                    signature,
                    authenticating: signed,
                    using: SymmetricKey(data: Array(secret.utf8))
                )
            }
            guard isRight else { throw Refusal("assertion signature is wrong") }
            return
        }
        let candidates = keys.filter { $0.id == nil || keyID == nil || $0.id == keyID }
        guard !candidates.isEmpty else { throw Refusal("unknown key \(keyID ?? "")") }
        guard candidates.contains(where: { $0.verifies(signature, of: signed, algorithm: algorithm) }) else {
            throw Refusal("assertion signature is wrong")
        }
    }
}

/// Which `aud` the server accepts in an assertion.
package enum AcceptedAudience: String, Sendable, Codable, CaseIterable {
    /// The token endpoint's URL, as RFC 7523 §3 says.
    case tokenEndpoint = "token_endpoint"

    /// The issuer, as newer servers want it.
    case issuer

    case either
}

/// The identifiers of assertions that were used, as long as they could be used again; pure, the time is passed in.
struct UsedAssertions: Sendable {
    /// When it is worth looking for those whose time is over.
    private static let sweepSize = 10_000

    private struct Key: Hashable {
        let issuer: String
        let identifier: String
    }

    private var ends: [Key: Duration] = [:]

    /// Notes an assertion; false when it was used before.
    mutating func use(_ identifier: String, of issuer: String, until end: Duration, now: Duration) -> Bool {
        if ends.count >= UsedAssertions.sweepSize { ends = ends.filter { $0.value > now } }
        return ends.updateValue(end + SignedAssertion.leeway, forKey: Key(issuer: issuer, identifier: identifier))
            == nil
    }
}
