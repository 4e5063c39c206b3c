/// Finds what may be a token or secret in text whose origin we do not control, and masks it.
///
/// It errs towards masking: what is lost is a word of an error text, what is kept is a secret.
package struct TokenMask {
    /// Trace identifiers of gateways are shorter; a token of 128 bits has 22 characters.
    private static let minimumRun = 20

    /// The longest word of a language or an API; a longer run of letters is none.
    private static let longestWord = 32

    /// What names a secret, in the names of members and in prose.
    private static let labels = ["token", "secret", "password", "assertion", "authorization"] + schemes

    /// What a secret follows after no more than a space (RFC 9110 §11.4).
    private static let schemes = ["bearer", "basic"]

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var masked = String.UnicodeScalarView()

    /// `text` with a mask for every run of characters that may be a token.
    package static func applied(to text: String) -> String {
        var mask = TokenMask(scalars: Array(text.unicodeScalars))
        return mask.apply()
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private mutating func apply() -> String {
        var previous = ""
        while position < scalars.count {
            guard TokenMask.isRunScalar(scalars[position]) else {
                masked.append(scalars[position])
                position += 1
                continue
            }
            let run = takeRun()
            if TokenMask.mayBeToken(run, after: previous) {
                masked.append(contentsOf: ServerWords.mask.unicodeScalars)
            } else {
                masked.append(contentsOf: run.unicodeScalars)
            }
            let name = run.lowercased()
            if TokenMask.labels.contains(where: { name.contains($0) }) {
                maskValue(isAssigned: TokenMask.schemes.contains(name))
            }
            previous = run
        }
        return String(masked)
    }

    private mutating func takeRun() -> String {
        let end = scalars[position...].firstIndex { !TokenMask.isRunScalar($0) } ?? scalars.endIndex
        defer { position = end }
        var run = String.UnicodeScalarView()
        run.append(contentsOf: scalars[position..<end])
        return String(run)
    }

    /// After a label: masks what it is given, with `=` or `:` if not `isAssigned` already.
    private mutating func maskValue(isAssigned: Bool) {
        var isAssigned = isAssigned
        var isQuoted = false
        var next = position
        while next < scalars.count, "=: \"'".unicodeScalars.contains(scalars[next]) {
            if scalars[next] == "=" { (isAssigned, isQuoted) = (true, true) }
            if scalars[next] == ":" { isAssigned = true }
            if scalars[next] == "\"" { isQuoted = true }
            next += 1
        }
        let end = scalars[next...].firstIndex { " \"'&,;<>".unicodeScalars.contains($0) } ?? scalars.endIndex
        var value = String.UnicodeScalarView()
        value.append(contentsOf: scalars[next..<end])
        // In prose, as in "invalid token: expired", a word is a word.
        guard isAssigned, !value.isEmpty, isQuoted || !value.allSatisfy(\.properties.isAlphabetic) else { return }
        masked.append(contentsOf: scalars[position..<next])
        masked.append(contentsOf: ServerWords.mask.unicodeScalars)
        position = end
    }

    /// The characters of base64, base64url, JWTs and percent-encoding.
    private static func isRunScalar(_ scalar: Unicode.Scalar) -> Bool {
        isAlphanumeric(scalar) || "-_+/.~%".unicodeScalars.contains(scalar)
    }

    private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
    }

    private static func mayBeToken(_ run: String, after previous: String) -> Bool {
        guard run.unicodeScalars.count >= minimumRun else { return false }
        // Some servers' tokens are UUIDs too; support asks for those that are called an identifier.
        if isUUID(run) { return !["id", "identifier"].contains(previous.lowercased()) }
        return !run.unicodeScalars.split(whereSeparator: { !isAlphanumeric($0) }).allSatisfy(isWord)
    }

    static func isUUID(_ run: String) -> Bool {
        let groups = run.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12] && groups.joined().allSatisfy(\.isHexDigit)
    }

    /// Whether `piece` is a word, a name in camel case, or a number, with at most two digits at a name's end.
    private static func isWord(_ piece: some Collection<Unicode.Scalar>) -> Bool {
        let letters = piece.prefix { !("0"..."9").contains($0) }
        let digits = piece.count - letters.count
        guard piece.dropFirst(letters.count).allSatisfy({ ("0"..."9").contains($0) }) else { return false }
        guard !letters.isEmpty else { return digits <= 8 }
        guard letters.allSatisfy(isAlphanumeric), letters.count <= longestWord, digits <= 2 else { return false }
        let capitals = letters.count { ("A"..."Z").contains($0) }
        // Random letters are half capitals; names in camel case have one in four at most.
        return capitals == letters.count || capitals <= 1 || capitals * 4 <= letters.count
    }
}
