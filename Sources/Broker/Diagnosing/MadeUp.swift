internal import OAuth2

/// What is presented to a server in the knowledge that it never gave it to anybody: 128 random bits or more.
struct MadeUp: Sendable {
    /// Shows whoever reads the server's log where it comes from.
    private static let prefix = "tokenbroker-probe-"

    let refreshToken: Secret
    let code: Secret
    let codeVerifier: Secret

    /// In the form of the client's own, since some servers look at that first.
    let clientID: String

    /// For a client of this identifier.
    init(for clientID: String) {
        refreshToken = Secret(Self.prefix + Self.random(32, of: Self.hexadecimal))
        code = Secret(Self.prefix + Self.random(32, of: Self.hexadecimal))
        // RFC 7636 §4.1: 43 characters or more.
        codeVerifier = Secret(Self.random(64, of: Self.hexadecimal))
        self.clientID = Self.identifier(like: clientID)
    }

    /// One in the form of `secret`.
    func secret(like secret: Secret) -> Secret {
        let isPlain = secret.withBytes { bytes in
            bytes.indices.allSatisfy { Self.alphanumeric.contains(bytes[$0]) }
        }
        guard isPlain, Self.lengths.contains(secret.count) else {
            return Secret(Self.prefix + Self.random(32, of: Self.hexadecimal))
        }
        return Secret(Self.random(secret.count, of: Self.alphanumeric))
    }

    /// From 128 bits to what no server takes for too long.
    private static let lengths = 26...64

    private static let hexadecimal = Array("0123456789abcdef".utf8)
    private static let lowercase = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
    private static let alphanumeric = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)

    private static func identifier(like clientID: String) -> String {
        if isUUID(clientID) {
            let digits = [8, 3, 3, 12].map { random($0, of: hexadecimal) }
            // Of version 4 (RFC 9562 §5.4).
            return "\(digits[0])-\(random(4, of: hexadecimal))-4\(digits[1])-a\(digits[2])-\(digits[3])"
        }
        if lengths.contains(clientID.utf8.count), clientID.utf8.allSatisfy(lowercase.contains) {
            return random(clientID.utf8.count, of: lowercase)
        }
        // Google's end with a domain.
        let domain = clientID.firstIndex(of: ".").map { String(clientID[$0...]) } ?? ""
        return prefix + random(32, of: hexadecimal) + domain
    }

    private static func isUUID(_ text: String) -> Bool {
        let groups = text.lowercased().split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
            && groups.allSatisfy { $0.utf8.allSatisfy(hexadecimal.contains) }
    }

    private static func random(_ count: Int, of letters: [UInt8]) -> String {
        var generator = SystemRandomNumberGenerator()
        return String(
            decoding: (0..<count).map { _ in letters[Int.random(in: letters.indices, using: &generator)] },
            as: UTF8.self
        )
    }
}
