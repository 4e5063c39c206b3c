/// What the body of an answer turns out to be; the bytes decide, the media type only where they do not.
enum AnswerBody {
    case empty

    /// A JSON object, or a form that has a member of a token answer.
    case members(AnswerMembers)

    /// HTML or XML, with its title, which is what tells a firewall's from a portal's.
    case page(title: String?)

    /// Anything else that is text.
    case text(String)

    /// Begins as JSON and is none, is no text, or holds what looks like a member of a token answer: never shown.
    case unreadable

    init(_ answer: HTTPAnswer) {
        let body = AnswerBody.trimmed(answer.body)
        switch body.first {
        case nil:
            self = .empty
        case _ where body.contains(0):
            // Two bytes a letter, which no standard allows, would hide a token from every search.
            self = .unreadable
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""):
            self = JSONValue(bytes: body)?.object.map { .members(AnswerMembers($0)) } ?? .unreadable
        case UInt8(ascii: "<"):
            self = .page(title: AnswerBody.title(ofPage: body))
        default:
            if let form = AnswerMembers(form: body) {
                self = .members(form)
            } else if ["text/html", "application/xhtml+xml"].contains(answer.mediaType) {
                self = .page(title: AnswerBody.title(ofPage: body))
            } else {
                self = AnswerBody.text(of: body)
            }
        }
    }

    /// What may be shown of a body that states no error; raw text.
    var words: String? {
        switch self {
        case .empty, .unreadable: nil
        case .members(let members): members.words
        case .page(let title): title
        case .text(let text): text
        }
    }

    /// The values in it that must never be shown.
    var secrets: [String] {
        if case .members(let members) = self { members.secrets } else { [] }
    }

    /// Whether it holds anything that could not be looked into.
    var isPartlyUnreadable: Bool {
        if case .members(let members) = self { members.arePartlyUnreadable } else { false }
    }

    /// Without the byte order mark and white space around it.
    private static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        let isSpace = { (byte: UInt8) in [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
        var body = bytes[...]
        if body.starts(with: [0xEF, 0xBB, 0xBF]) { body = body.dropFirst(3) }
        body = body.drop(while: isSpace)
        while let last = body.last, isSpace(last) { body.removeLast() }
        return body
    }

    /// Titles stand at the beginning.
    private static let maximumTitleSearch = 4_096

    private static func title(ofPage page: ArraySlice<UInt8>) -> String? {
        let page = page.prefix(maximumTitleSearch)
        let lowercased = page.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        guard let start = lowercased.firstRange(of: Array("<title>".utf8))?.upperBound,
            let end = lowercased[start...].firstRange(of: Array("</title>".utf8))?.lowerBound
        else { return nil }
        return String(decoding: page.dropFirst(start).prefix(end - start), as: UTF8.self)
    }

    private static func text(of body: ArraySlice<UInt8>) -> AnswerBody {
        let text = String(decoding: body, as: UTF8.self)
        let lowercased = text.lowercased()
        let mayHoldToken = ["token\"", "token=", "token'", "secret\"", "secret="].contains { lowercased.contains($0) }
        return mayHoldToken || AnswerMembers.hasSecret(form: body) ? .unreadable : .text(text)
    }
}

/// The members of an answer, found under their names of RFC 6749 or the same in camel case; null counts as absent.
struct AnswerMembers {
    private let members: [String: JSONValue]

    /// Whether a cut would show: JSON ends with its brace, a form wherever its bytes do.
    let proveTheirEnd: Bool

    init(_ members: [String: JSONValue]) {
        self.members = members
        proveTheirEnd = true
    }

    /// The parameters of a form, or nil when `bytes` are no form with a member of a token answer.
    init?(form bytes: some Sequence<UInt8>) {
        guard let parameters = FormEncoding.decode(bytes) else { return nil }
        proveTheirEnd = false
        members = Dictionary(parameters.map { ($0.name, .string($0.value)) }, uniquingKeysWith: { first, _ in first })
        guard self["access_token"] != nil || self["error"] != nil else { return nil }
    }

    subscript(name: String) -> JSONValue? {
        for spelling in [name, AnswerMembers.camelCase(name)] {
            if let value = members[spelling], value != .null { return value }
        }
        return nil
    }

    /// The first text under one of `names`.
    func text(_ names: String...) -> String? {
        names.lazy.compactMap { self[$0]?.string }.first { !$0.isEmpty }
    }

    /// The members of the object under `name`.
    func nested(_ name: String) -> AnswerMembers? {
        self[name]?.object.map(AnswerMembers.init)
    }

    /// The texts that must never be shown: those under a name that speaks of a token or secret, at any depth.
    var secrets: [String] { AnswerMembers.secrets(in: .object(members), isSecret: false) }

    /// Whether there is anything in them, at any depth, that could not be looked into.
    var arePartlyUnreadable: Bool { AnswerMembers.isPartlyUnreadable(.object(members)) }

    private static func isPartlyUnreadable(_ value: JSONValue) -> Bool {
        switch value {
        case .unreadable: true
        case .array(let elements): elements.contains(where: isPartlyUnreadable)
        case .object(let members): members.values.contains(where: isPartlyUnreadable)
        case .null, .boolean, .number, .string: false
        }
    }

    private static func secrets(in value: JSONValue, isSecret: Bool) -> [String] {
        switch value {
        case .string(let text):
            isSecret ? [text] : []
        case .array(let elements):
            elements.flatMap { secrets(in: $0, isSecret: isSecret) }
        case .object(let members):
            members.flatMap { name, value in secrets(in: value, isSecret: isSecret || namesSecret(name)) }
        case .null, .boolean, .number, .unreadable:
            []
        }
    }

    /// Whether `bytes` are a form of any sort with a value under a name, not in prose, that speaks of a token or secret.
    static func hasSecret(form bytes: some Sequence<UInt8>) -> Bool {
        (FormEncoding.decode(bytes) ?? []).contains { parameter in
            !parameter.value.isEmpty && !parameter.name.contains(where: \.isWhitespace) && namesSecret(parameter.name)
        }
    }

    private static func namesSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        return !name.hasSuffix("type") && ["token", "secret", "assertion", "password"].contains { name.contains($0) }
    }

    private static func camelCase(_ name: String) -> String {
        let words = name.split(separator: "_")
        return words.prefix(1).joined() + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
