package import OAuth2

/// The answer to a fetch with everything written but the two numbers that change.
///
/// Made once when a token arrives: a fetch joins five pieces of bytes and runs no encoder.
package struct RenderedToken: Sendable {
    private let beforeExpiry: [UInt8]
    private let afterExpiry: [UInt8]
    private let token: Secret

    package init(token: AccessToken, client: ClientName) {
        self.token = token.value
        var before = Array(#"{"access_token":"#.utf8)
        token.value.withBytes { JSONText.append($0, to: &before) }
        before += Array(#","client":"#.utf8)
        JSONText.append(client.value, to: &before)
        beforeExpiry = before
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
        var body: [UInt8] = []
        body.reserveCapacity(beforeExpiry.count + afterExpiry.count + 64)
        body += beforeExpiry
        if let expiresAt {
            body += Array(#","expires_at":"#.utf8)
            JSONText.append(expiresAt, to: &body)
        }
        if let expiresIn {
            body += Array(#","expires_in":"#.utf8)
            JSONText.append(expiresIn, to: &body)
        }
        body += afterExpiry
        return Self.answer(Self.jsonHead, body)
    }

    /// The whole HTTP answer with the token alone.
    package func plain() -> [UInt8] {
        token.withBytes { bytes in
            var body: [UInt8] = []
            body.reserveCapacity(bytes.count + 1)
            for index in bytes.indices { body.append(bytes[index]) }
            body.append(UInt8(ascii: "\n"))
            return Self.answer(Self.plainHead, body)
        }
    }

    private static let jsonHead = head("application/json")
    private static let plainHead = head("text/plain; charset=utf-8")

    private static func head(_ type: String) -> [UInt8] {
        Array("HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nCache-Control: no-store\r\nContent-Length: ".utf8)
    }

    private static func answer(_ head: [UInt8], _ body: [UInt8]) -> [UInt8] {
        var answer: [UInt8] = []
        answer.reserveCapacity(head.count + body.count + 16)
        answer += head
        JSONText.append(body.count, to: &answer)
        answer += [0x0D, 0x0A, 0x0D, 0x0A]
        answer += body
        return answer
    }
}

/// JSON's strings and whole numbers (RFC 8259 §7) as bytes.
enum JSONText {
    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 { appendEscaped(byte, to: &bytes) }
        bytes.append(UInt8(ascii: "\""))
    }

    static func append(_ text: Span<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for index in text.indices { appendEscaped(text[index], to: &bytes) }
        bytes.append(UInt8(ascii: "\""))
    }

    static func append(_ number: Int, to bytes: inout [UInt8]) {
        guard number > 9 else {
            bytes.append(UInt8(ascii: "0") + UInt8(max(0, number)))
            return
        }
        append(number / 10, to: &bytes)
        bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    private static func appendEscaped(_ byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0..<0x20, 0x7F:
            bytes += Array(#"\u00"#.utf8)
            bytes.append(hexDigit(byte >> 4))
            bytes.append(hexDigit(byte & 0xF))
        default:
            bytes.append(byte)
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
