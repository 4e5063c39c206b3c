/// The operator's name of a client: `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`.
package struct ClientName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The name as written in the configuration.
    package let value: String

    /// Long enough for a unit's name, short enough for a table's column.
    package static let maximumLength = 64

    /// Returns nil when `value` is not of the form that names must have.
    package init?(_ value: String) {
        guard ClientName.isValid(value.utf8) else { return nil }
        self.value = value
    }

    /// Whether `bytes` have the form that names must have.
    package static func isValid(_ bytes: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first, bytes.count <= maximumLength, isAlphanumeric(first) else { return false }
        return bytes.allSatisfy { isAlphanumeric($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    package static func < (left: ClientName, right: ClientName) -> Bool { left.value < right.value }

    package var description: String { value }
}
