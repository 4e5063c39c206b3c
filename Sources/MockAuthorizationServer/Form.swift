import Foundation

/// A body of `application/x-www-form-urlencoded`.
struct Form: Sendable {
    var fields: [(name: String, value: String)]

    /// An empty one.
    init() { fields = [] }

    /// Nil when the bytes are no form.
    init?(_ bytes: some Sequence<UInt8>) {
        fields = []
        for pair in String(decoding: Array(bytes), as: UTF8.self).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Form.decode(String(parts[0])),
                let value = Form.decode(parts.count == 2 ? String(parts[1]) : "")
            else { return nil }
            fields.append((name, value))
        }
    }

    /// The value of the field `name`; nil too when it is empty, which counts as left out (RFC 6749 §3.1).
    subscript(name: String) -> String? {
        fields.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// The first field that is there twice and may not be (RFC 6749 §3.2); `resource` may (RFC 8707 §2).
    var repeatedField: String? {
        var seen: Set<String> = ["resource"]
        return fields.first { $0.name != "resource" && !seen.insert($0.name).inserted }?.name
    }

    /// Everything but what is never changed on its way is escaped, a space as `%20`.
    static func encode(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    )

    /// Nil when an escape is malformed.
    static func decode(_ text: String) -> String? {
        text.replacing("+", with: " ").removingPercentEncoding
    }
}
