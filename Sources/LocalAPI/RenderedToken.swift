package import OAuth2

/// The answer to a fetch with everything written but the two numbers that change.
///
/// Made once when a token arrives: a fetch joins a few pieces of bytes and runs no encoder. Only an answer itself copies
/// the token, and once.
package struct RenderedToken: Sendable {
    private let token: Secret

    /// The token as a JSON string has it; mostly the very same bytes.
    private let escapedToken: Secret

    private let afterToken: [UInt8]
    private let afterExpiry: [UInt8]

    package init(token: AccessToken, client: ClientName) {
        self.token = token.value
        escapedToken = JSONText.escaped(token.value)
        var beforeNumbers = Array(#"","client":"#.utf8)
        JSONText.append(client.value, to: &beforeNumbers)
        afterToken = beforeNumbers
        var after = Array(#","scope":"#.utf8)
        JSONText.append(token.scope.wireValue, to: &after)
        after += Array(#","token_type":"#.utf8)
        JSONText.append(token.tokenType, to: &after)
        after += Array("}\n".utf8)
        afterExpiry = after
    }

    /// The whole HTTP answer (RFC 6749 §5.1); both numbers are left out for a token that does not expire.
    ///
    /// - Parameters:
    ///   - expiresIn: whole seconds, rounded down.
    ///   - expiresAt: in Unix seconds.
    package func json(expiresIn: Int?, expiresAt: Int?) -> [UInt8] {
        var expiry: [UInt8] = []
        expiry.reserveCapacity(Self.longestExpiry)
        if let expiresAt {
            expiry += Self.expiresAtName
            JSONText.append(expiresAt, to: &expiry)
        }
        if let expiresIn {
            expiry += Self.expiresInName
            JSONText.append(expiresIn, to: &expiry)
        }
        let byteCount =
            Self.beforeToken.count + escapedToken.count + afterToken.count + expiry.count + afterExpiry.count
        var answer = Self.begin(Self.jsonHead, bodyOf: byteCount)
        answer += Self.beforeToken
        escapedToken.withBytes { answer.append(contentsOf: $0) }
        answer += afterToken
        answer += expiry
        answer += afterExpiry
        return answer
    }

    /// The whole HTTP answer with the token alone.
    package func plain() -> [UInt8] {
        var answer = Self.begin(Self.plainHead, bodyOf: token.count + 1)
        token.withBytes { answer.append(contentsOf: $0) }
        answer.append(UInt8(ascii: "\n"))
        return answer
    }

    private static let beforeToken = Array(#"{"access_token":""#.utf8)
    private static let expiresAtName = Array(#","expires_at":"#.utf8)
    private static let expiresInName = Array(#","expires_in":"#.utf8)

    /// Both names and two numbers of 19 digits.
    private static let longestExpiry = 68

    private static let jsonHead = head("application/json")
    private static let plainHead = head("text/plain; charset=utf-8")

    private static func head(_ type: String) -> [UInt8] {
        Array("HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nCache-Control: no-store\r\nContent-Length: ".utf8)
    }

    /// A head, and room for the body: an answer that grew would leave its token behind.
    private static func begin(_ head: [UInt8], bodyOf byteCount: Int) -> [UInt8] {
        var answer: [UInt8] = []
        answer.reserveCapacity(head.count + byteCount + longestHeadEnd)
        answer += head
        JSONText.append(byteCount, to: &answer)
        answer += headEnd
        return answer
    }

    private static let headEnd: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]

    /// A length of 19 digits and `headEnd`.
    private static let longestHeadEnd = 23
}

/// JSON's strings and whole numbers (RFC 8259 §7) as bytes.
enum JSONText {
    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 { write(byte) { bytes.append($0) } }
        bytes.append(UInt8(ascii: "\""))
    }

    /// What stands between the quotes for `text`; its own buffer when nothing in it needs an escape.
    static func escaped(_ text: Secret) -> Secret {
        text.withBytes { bytes in
            guard bytes.indices.contains(where: { mustBeEscaped(bytes[$0]) }) else { return text }
            var escaped = SecretWriter(capacity: 6 * bytes.count)
            for index in bytes.indices { write(bytes[index]) { escaped.append($0) } }
            return escaped.secret()
        }
    }

    static func append(_ number: Int, to bytes: inout [UInt8]) {
        guard number > 9 else {
            bytes.append(UInt8(ascii: "0") + UInt8(max(0, number)))
            return
        }
        append(number / 10, to: &bytes)
        bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    private static func mustBeEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func write(_ byte: UInt8, to write: (UInt8) -> Void) {
        guard mustBeEscaped(byte) else { return write(byte) }
        write(UInt8(ascii: "\\"))
        guard byte < 0x20 || byte == 0x7F else { return write(byte) }
        for digit in "u00".utf8 { write(digit) }
        write(hexDigit(byte >> 4))
        write(hexDigit(byte & 0xF))
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
