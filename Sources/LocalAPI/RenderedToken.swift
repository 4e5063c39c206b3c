package import OAuth2
internal import Synchronization

/// The answer to a fetch with everything written but the two numbers that change: what is left of the token, and the
/// answer's length.
///
/// Made once when a token arrives: a fetch joins a few pieces of bytes and runs no encoder. Only an answer itself copies
/// the token, and once.
package final class RenderedToken: Sendable {
    /// Not its address, which may be another's a moment later.
    private let number: UInt64
    private static let latestNumber = Atomic<UInt64>(0)

    private let token: Secret

    /// The token as a JSON string has it; mostly the very same bytes.
    private let escapedToken: Secret

    /// From the token's end to the first number.
    private let afterToken: [UInt8]
    private let afterExpiry: [UInt8]
    private let expires: Bool

    /// Of the document but for the first number.
    private let lengthWithoutExpiry: Int
    private let usualDigits: Int
    private let usualLength: DecimalText
    private let plainLength: DecimalText

    /// The answers that bring `token` of `client`.
    package init(token: AccessToken, client: ClientName) {
        number = Self.latestNumber.add(1, ordering: .relaxed).newValue
        self.token = token.value
        escapedToken = JSONText.escaped(token.value)
        expires = token.lifetime != nil
        var after = Array(#"","client":"#.utf8)
        JSONText.append(client.value, to: &after)
        if let lifetime = token.lifetime {
            let end = token.receipt.moment.sinceEpoch + lifetime
            after += Array(#","expires_at":\#(max(0, end.components.seconds)),"expires_in":"#.utf8)
        }
        afterToken = after
        var rest = Array(#","scope":"#.utf8)
        JSONText.append(token.scope.wireValue, to: &rest)
        rest += Array(#","token_type":"#.utf8)
        JSONText.append(token.tokenType, to: &rest)
        rest += Array("}\n".utf8)
        afterExpiry = rest
        lengthWithoutExpiry = Self.beforeToken.count + escapedToken.count + after.count + rest.count
        usualDigits = token.lifetime.map { DecimalText(Int($0.components.seconds - 1)).count } ?? 0
        usualLength = DecimalText(lengthWithoutExpiry + usualDigits)
        plainLength = DecimalText(token.value.count + Self.lineFeed.count)
    }

    /// Writes the whole HTTP answer into an empty buffer; the one that it still holds is not written again.
    ///
    /// - Parameter expiresIn: whole seconds, rounded down (RFC 6749 §5.1); left out where the token does not expire.
    package func write(_ format: TokenFormat, expiresIn: DecimalText, into answer: inout AnswerBuffer) {
        let seal = AnswerBuffer.Seal(token: number, format: format, expiresIn: expiresIn)
        guard !answer.takeUp(seal) else { return }
        let isAlone = answer.isEmpty
        switch format {
        case .plain: writePlain(into: &answer)
        case .json: writeJSON(expiresIn: expiresIn, into: &answer)
        }
        if isAlone { answer.close(with: seal) }
    }

    private func writeJSON(expiresIn: DecimalText, into answer: inout AnswerBuffer) {
        answer.append(Self.jsonHead)
        let digits = expires ? expiresIn.count : 0
        // Mostly as many as the lifetime has.
        answer.append(digits == usualDigits ? usualLength : DecimalText(lengthWithoutExpiry + digits))
        answer.append(Self.endOfHeadBeforeToken)
        escapedToken.withBytes { answer.append($0) }
        answer.append(afterToken)
        if expires { answer.append(expiresIn) }
        answer.append(afterExpiry)
    }

    private func writePlain(into answer: inout AnswerBuffer) {
        answer.append(Self.plainHead)
        answer.append(plainLength)
        answer.append(Self.headEnd)
        token.withBytes { answer.append($0) }
        answer.append(Self.lineFeed)
    }

    /// More than any answer with it has.
    package var longestAnswer: Int {
        Self.jsonHead.count + Self.plainHead.count + escapedToken.count + afterToken.count + afterExpiry.count + 64
    }

    private static let beforeToken = Array(#"{"access_token":""#.utf8)
    private static let headEnd: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
    private static let endOfHeadBeforeToken = headEnd + beforeToken
    private static let lineFeed: [UInt8] = [0x0A]
    private static let jsonHead = head("application/json")
    private static let plainHead = head("text/plain; charset=utf-8")

    private static func head(_ type: String) -> [UInt8] {
        Array("HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nCache-Control: no-store\r\nContent-Length: ".utf8)
    }
}

/// JSON's strings (RFC 8259 §7) as bytes.
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
