/// The host of a URL: a DNS name or an IP address, in its normal form.
struct Host: Sendable, Hashable {
    /// In lower case; an IPv6 address in its shortest form (RFC 5952), without brackets.
    let text: String

    /// Whether it is this machine: 127.0.0.0/8, `::1` or `localhost`.
    let isLoopback: Bool

    /// RFC 1035 §2.3.4.
    private static let maximumName = 253
    private static let maximumLabel = 63

    /// Reads the host part of a URL; an IPv6 address stands in brackets there.
    init?(_ text: some StringProtocol) {
        if text.hasPrefix("[") {
            guard text.hasSuffix("]"), let address = IPv6Address(text.dropFirst().dropLast()) else { return nil }
            self.text = address.description
            isLoopback = address == .loopback
            return
        }
        let name = text.lowercased()
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard name.utf8.count <= Host.maximumName, labels.allSatisfy(Host.isLabel), let last = labels.last else {
            return nil
        }
        self.text = name
        // What ends in a number is an address to resolvers, in forms as odd as 127.1 and 0x7f000001.
        if last.utf8.allSatisfy({ (0x30...0x39).contains($0) }) || last.hasPrefix("0x") {
            guard labels.count == 4, labels.allSatisfy(Host.isOctet) else { return nil }
            isLoopback = labels[0] == "127"
        } else {
            isLoopback = name == "localhost"
        }
    }

    private static func isLabel(_ label: Substring) -> Bool {
        guard (1...maximumLabel).contains(label.utf8.count), label.first != "-", label.last != "-" else { return false }
        return label.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: "_")
        }
    }

    /// A decimal number below 256; a leading zero would mean octal to some.
    static func isOctet(_ text: Substring) -> Bool {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return false
        }
        return UInt8(text) != nil && (text == "0" || text.first != "0")
    }
}

/// An IPv6 address.
struct IPv6Address: Sendable, Hashable, CustomStringConvertible {
    /// Eight groups of 16 bits.
    private let groups: [UInt16]

    static let loopback = IPv6Address(groups: [0, 0, 0, 0, 0, 0, 0, 1])

    private init(groups: [UInt16]) { self.groups = groups }

    /// Reads the forms of RFC 4291 §2.2, without a zone.
    init?(_ text: some StringProtocol) {
        let text = String(text)
        guard let gap = text.firstRange(of: "::") else {
            guard let groups = IPv6Address.groups(text), groups.count == 8 else { return nil }
            self.groups = groups
            return
        }
        let head = text[..<gap.lowerBound]
        let tail = text[gap.upperBound...]
        guard !head.contains("."), let left = IPv6Address.groups(head), let right = IPv6Address.groups(tail),
            left.count + right.count < 8
        else { return nil }
        groups = left + [UInt16](repeating: 0, count: 8 - left.count - right.count) + right
    }

    /// The groups of `text`, whose last may be an IPv4 address; none for the empty text.
    private static func groups(_ text: some StringProtocol) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        var pieces = text.split(separator: ":", omittingEmptySubsequences: false).map { Substring($0) }
        if let octets = pieces.last?.split(separator: ".", omittingEmptySubsequences: false), octets.count > 1 {
            guard octets.count == 4, octets.allSatisfy(Host.isOctet) else { return nil }
            pieces.removeLast()
            let numbers = octets.compactMap { UInt16($0) }
            groups = [numbers[0] << 8 | numbers[1], numbers[2] << 8 | numbers[3]]
        }
        let leading = pieces.compactMap { piece in
            (1...4).contains(piece.utf8.count) && piece.first != "+" && piece.first != "-"
                ? UInt16(piece, radix: 16) : nil
        }
        return leading.count == pieces.count ? leading + groups : nil
    }

    /// The shortest form (RFC 5952 §4): the first longest run of two or more zero groups becomes `::`.
    var description: String {
        var longest = 0..<0
        var start = 0
        for (index, group) in groups.enumerated() {
            if group != 0 { start = index + 1 }
            if index + 1 - start > max(longest.count, 1) { longest = start..<index + 1 }
        }
        let hexadecimal = groups.map { String($0, radix: 16) }
        guard !longest.isEmpty else { return hexadecimal.joined(separator: ":") }
        return hexadecimal[..<longest.lowerBound].joined(separator: ":") + "::"
            + hexadecimal[longest.upperBound...].joined(separator: ":")
    }
}
