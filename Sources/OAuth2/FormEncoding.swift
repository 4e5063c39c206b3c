/// One parameter of a form or a query.
package struct FormParameter: Sendable, Hashable {
    /// Decoded.
    package var name: String

    /// Decoded; empty when the form gives none.
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// `application/x-www-form-urlencoded`, as RFC 6749 appendix B and the URL standard have it.
package enum FormEncoding {
    /// The encoded form of one name or value.
    package static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 { write(byte) { encoded.append($0) } }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// The encoded form of `parameters`, in their order.
    package static func encode(_ parameters: [FormParameter]) -> String {
        parameters.map { "\(encode($0.name))=\(encode($0.value))" }.joined(separator: "&")
    }

    /// The parameters of `bytes` in their order, or nil when an escape is malformed or the text is not UTF-8.
    ///
    /// A name without `=` has the empty value; empty pieces between `&` are passed over.
    package static func decode(_ bytes: some Sequence<UInt8>) -> [FormParameter]? {
        var parameters: [FormParameter] = []
        for piece in Array(bytes).split(separator: UInt8(ascii: "&")) {
            let equals = piece.firstIndex(of: UInt8(ascii: "=")) ?? piece.endIndex
            guard let name = decodeComponent(piece[..<equals]),
                let value = decodeComponent(piece[equals...].dropFirst())
            else { return nil }
            parameters.append(FormParameter(name: name, value: value))
        }
        return parameters
    }

    /// The decoded form of one name or value, where `&` and `=` stand for themselves; nil as for a whole form.
    package static func decodeComponent(_ text: some Sequence<UInt8>) -> String? { decodeComponent(Array(text)[...]) }

    /// Gives `write` the encoded form of `byte`.
    static func write(_ byte: UInt8, to write: (UInt8) -> Void) {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"):
            write(byte)
        case UInt8(ascii: " "):
            write(UInt8(ascii: "+"))
        default:
            write(UInt8(ascii: "%"))
            write(upperHexDigit(byte >> 4))
            write(upperHexDigit(byte & 0xF))
        }
    }

    private static func upperHexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    private static func decodeComponent(_ bytes: ArraySlice<UInt8>) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"):
                decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                    return nil
                }
                decoded.append(high << 4 | low)
            default:
                decoded.append(byte)
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
