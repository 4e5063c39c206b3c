/// The error that a body states, in RFC 6749 §5.2's members or one of the forms that servers use instead; raw text.
struct StatedError {
    /// As the server wrote it; nil when the body says only that it is a failure.
    var code: String?

    /// Narrows the code down, as Entra ID does.
    var suberror: String?
    var words: String?

    /// Every code in it, the broadest first: `error`, what narrows it down, and Entra ID's numbers.
    var codes: [String] = []

    /// Nil when `body` states none.
    init?(_ body: AnswerBody) {
        guard case .members(let members) = body, let source = StatedError.source(in: members) else { return nil }
        code = source.code
        suberror = members.text("suberror", "error_subtype")
        words = members.words ?? source.members?.words
        let numbers = members["error_codes"]?.array ?? []
        codes = [code, suberror].compactMap(\.self) + numbers.prefix(Self.maximumNumbers).compactMap(\.codeText)
    }

    /// Entra ID sends one or two.
    private static let maximumNumbers = 16

    private typealias Source = (code: String?, members: AnswerMembers?)

    /// Where the code stands: `error`, `errors`, a vendor's own member, or nowhere although `ok` is false.
    private static func source(in members: AnswerMembers) -> Source? {
        switch members["error"] {
        case .string(let code) where !code.isEmpty:
            return (code, nil)
        case .object(let error) where !error.isEmpty:
            let error = AnswerMembers(error)
            return (error.nestedCode, error)
        case .number(let number) where number != 0:
            return (members.ownCode, nil)
        case .boolean(true), .array, .unreadable:
            return (members.ownCode, nil)
        case nil, .null, .boolean, .number, .string, .object:
            break
        }
        if let first = members["errors"]?.array?.first {
            let error = first.object.map(AnswerMembers.init)
            return (first.string ?? error?.nestedCode, error)
        }
        if members["ok"] == .boolean(false) { return (members.ownCode, nil) }
        // A success may carry a code of its own.
        guard members["access_token"] == nil, let code = members.ownCode else { return nil }
        return (code, nil)
    }

    /// The code that the protocols define; `suberror` speaks where they do not know `error`.
    var protocolCode: OAuthErrorCode? {
        [code, suberror].lazy.compactMap { $0.flatMap { OAuthErrorCode(rawValue: $0.lowercased()) } }.first
    }
}

extension AnswerMembers {
    /// The code that stands beside the other members.
    fileprivate var ownCode: String? { text("error_code", "code", "__type") }

    /// The code within an error object.
    fileprivate var nestedCode: String? { text("error", "error_type", "code", "type", "status") }

    /// The text for people.
    var words: String? { text("error_description", "error_message", "message", "error_summary", "detail", "title") }
}

extension JSONValue {
    /// A code written as a text or as a whole number.
    fileprivate var codeText: String? {
        switch self {
        case .string(let text): text
        case .number(let number): Int(exactly: number).map(String.init)
        case .null, .boolean, .array, .object, .unreadable: nil
        }
    }
}
