import LocalAPI
import OAuth2
import TokenEndpoint

/// The durations a key may have, and how an error writes them.
struct DurationBounds {
    let range: ClosedRange<Duration>
    let text: String
}

/// Values with a meaning of their own; what has none is reported, and then is nil.
extension Findings {
    func duration(_ written: Written<String>, within bounds: DurationBounds) -> Duration? {
        guard let duration = DurationText.parse(written.value) else {
            refuse(written, "\(written.value.shown) is no duration", remedy: "write it like \"90s\", \"5m\" or \"24h\"")
            return nil
        }
        guard bounds.range.contains(duration) else {
            refuse(written, "\(written.value.shown) is out of bounds", remedy: "write \(bounds.text)")
            return nil
        }
        return duration
    }

    func endpoint(_ written: Written<String>) -> EndpointURL? {
        do {
            return try EndpointURL(written.value)
        } catch {
            refuse(written, "the URL \(error)")
            return nil
        }
    }

    func proxy(_ written: Written<String>, noProxy: [String] = []) -> ProxySetting? {
        do {
            return try ProxySetting(written.value, noProxy: noProxy)
        } catch {
            refuse(written, "the proxy \(error)")
            return nil
        }
    }

    func scopes(_ written: Written<[Written<String>]>) -> ScopeSet {
        for scope in written.value where !ScopeSet.isValid(token: scope.value) {
            let parts = scope.value.split(separator: " ").map { String($0).shown }
            refuse(
                scope,
                "\(scope.value.shown) is no scope: RFC 6749 allows printable ASCII without space, \" and \\",
                remedy: parts.count > 1 ? "write \(parts.joined(separator: ", "))" : nil
            )
        }
        return ScopeSet(written.value.map(\.value))
    }

    /// Resource indicators (RFC 8707 §2): absolute, and without a fragment.
    func resources(_ written: Written<[Written<String>]>) -> [String] {
        for resource in written.value {
            let text = resource.value
            if !text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) || !hasScheme(text) {
                refuse(resource, "\(text.shown) is no absolute URI", remedy: "write it with its scheme, https://…")
            } else if text.contains("#") {
                refuse(resource, "a resource has no fragment (RFC 8707)", remedy: "remove what follows the #")
            }
        }
        return written.value.map(\.value)
    }

    private func hasScheme(_ text: String) -> Bool {
        guard let colon = text.firstIndex(of: ":"), let first = text.first, first.isLetter else { return false }
        return text[..<colon].allSatisfy { $0.isLetter || $0.isNumber || "+-.".contains($0) }
            && text.index(after: colon) != text.endIndex
    }

    /// A user or group: a name, a number, or a number in quotes.
    func principal(_ written: Written<ConfigurationNode>) -> Written<Principal>? {
        switch written.value.value {
        case .integer(let integer):
            guard let number = UInt32(exactly: integer), number != UInt32.max else {
                refuse(written, "\(integer) is no user or group number")
                return nil
            }
            return written.with(.number(number))
        case .string(let name) where !name.isEmpty:
            if let number = UInt32(name), number != UInt32.max { return written.with(.number(number)) }
            guard name.unicodeScalars.allSatisfy({ $0.value > 0x1F && $0.value != 0x7F && $0 != ":" }) else {
                refuse(written, "\(name.shown) is no user or group name")
                return nil
            }
            return written.with(.name(name))
        case .string:
            refuse(written, "is empty")
            return nil
        default:
            refuseType(written, expected: "a name or a number")
            return nil
        }
    }
}
