/// The scope of a token: a set of scope tokens, whose order means nothing (RFC 6749 §3.3).
package struct ScopeSet: Sendable, Hashable, CustomStringConvertible {
    /// The scope tokens, sorted and each once.
    package let tokens: [String]

    /// The set of `tokens`; empty ones are left out.
    package init(_ tokens: some Sequence<String>) {
        self.tokens = Set(tokens).subtracting([""]).sorted()
    }

    /// Reads the wire form, scope tokens separated by spaces.
    package init(wireValue: String) {
        self.init(wireValue.split(separator: " ").map(String.init))
    }

    /// Nothing asked for: the server decides.
    package static let none = ScopeSet([])

    /// Whether nothing is asked for.
    package var isEmpty: Bool { tokens.isEmpty }

    /// The form that is sent: sorted, separated by one space.
    package var wireValue: String { tokens.joined(separator: " ") }

    /// Whether whoever has `other` has all of this.
    package func isSubset(of other: ScopeSet) -> Bool { Set(tokens).isSubset(of: other.tokens) }

    package var description: String { wireValue }

    /// Whether `token` is a scope-token of RFC 6749 §3.3: printable ASCII but space, `"` and `\`.
    package static func isValid(token: String) -> Bool {
        !token.isEmpty && token.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    }
}
