/// A control request that cannot be done, in words for the person who wrote it.
struct ControlError: Error, Sendable, Equatable {
    var problem: String
    var status: Int

    init(_ problem: String, status: Int = 400) {
        self.problem = problem
        self.status = status
    }
}

/// The members of a JSON document, read with errors that name the member.
struct DocumentMembers: Sendable {
    private let document: [String: JSONValue]

    init(_ document: [String: JSONValue]) { self.document = document }

    /// Refuses members that would be ignored, which are misspelt ones.
    func allow(_ names: [String]) throws(ControlError) {
        if let other = document.keys.sorted().first(where: { !names.contains($0) }) {
            throw ControlError("unknown member \(other); there are: \(names.joined(separator: ", "))")
        }
    }

    private func member(_ name: String) -> JSONValue? {
        document[name] == .null ? nil : document[name]
    }

    func string(_ name: String) throws(ControlError) -> String? {
        guard let value = member(name) else { return nil }
        guard case .string(let text) = value else { throw ControlError("\(name) is not a string") }
        return text
    }

    /// A string, or an integer as a string.
    func text(_ name: String) throws(ControlError) -> String? {
        if case .integer(let value) = member(name) { return String(value) }
        return try string(name)
    }

    func integer(_ name: String) throws(ControlError) -> Int? {
        guard let value = member(name) else { return nil }
        guard case .integer(let number) = value else { throw ControlError("\(name) is not an integer") }
        return number
    }

    func bool(_ name: String) throws(ControlError) -> Bool? {
        guard let value = member(name) else { return nil }
        guard case .bool(let truth) = value else { throw ControlError("\(name) is neither true nor false") }
        return truth
    }

    func duration(_ name: String) throws(ControlError) -> Duration? {
        guard let value = member(name) else { return nil }
        guard let duration = DurationText.parse(value) else {
            throw ControlError("\(name) is no duration; write \"250ms\", \"30s\", \"5m\" or a number of seconds")
        }
        return duration
    }

    func object(_ name: String) throws(ControlError) -> [String: JSONValue]? {
        guard let value = member(name) else { return nil }
        guard case .object(let members) = value else { throw ControlError("\(name) is not an object") }
        return members
    }

    func strings(_ name: String) throws(ControlError) -> [String]? {
        guard let value = member(name) else { return nil }
        guard case .array(let elements) = value else { throw ControlError("\(name) is not an array") }
        var strings: [String] = []
        for element in elements {
            guard case .string(let text) = element else { throw ControlError("\(name) holds what is not a string") }
            strings.append(text)
        }
        return strings
    }

    /// One of the words of a closed set.
    func word<Word: RawRepresentable & CaseIterable>(
        _ name: String
    ) throws(ControlError) -> Word? where Word.RawValue == String {
        guard let text = try string(name) else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlError("\(name) is none of: \(words)")
        }
        return word
    }
}
