/// Reads one table key by key, reports what is of the wrong type, and in the end what nobody asked for.
final class TableReader {
    /// The table's dotted key; empty for the document.
    let key: String
    let place: SourcePlace
    let findings: Findings

    private let members: [ConfigurationNode.Member]

    /// The keys that the table may have, as far as they were asked for.
    private(set) var asked: [String] = []

    init(key: String, place: SourcePlace, members: [ConfigurationNode.Member], findings: Findings) {
        self.key = key
        self.place = place
        self.members = members
        self.findings = findings
    }

    /// The keys in the order of writing.
    var keys: [String] { members.map(\.key) }

    /// The value at `name`, which thereby is a key of this table.
    func node(_ name: String) -> Written<ConfigurationNode>? {
        asked.append(name)
        guard let member = members.first(where: { $0.key == name }) else { return nil }
        return written(member)
    }

    /// Every member, for a table whose keys are the operator's own.
    func everyNode() -> [(name: String, written: Written<ConfigurationNode>)] {
        asked = keys
        return members.map { (name: $0.key, written: written($0)) }
    }

    /// Whether there is a value at `name`, right or wrong.
    func has(_ name: String) -> Bool { members.contains { $0.key == name } }

    func string(_ name: String) -> Written<String>? { node(name).flatMap { findings.string($0) } }
    func strings(_ name: String) -> Written<[Written<String>]>? { node(name).flatMap { findings.strings($0) } }
    func boolean(_ name: String) -> Written<Bool>? { node(name).flatMap { findings.boolean($0) } }
    func number(_ name: String) -> Written<Double>? { node(name).flatMap { findings.number($0) } }
    func integer(_ name: String) -> Written<Int>? { node(name).flatMap { findings.integer($0) } }
    func table(_ name: String) -> TableReader? { node(name).flatMap { findings.table($0) } }

    /// A value that is one of the raw values of `Choice`.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) -> Written<Choice>? {
        guard let written = string(name) else { return nil }
        if let choice = Choice(rawValue: written.value) { return written.with(choice) }
        findings.refuseChoice(written, among: Choice.allCases.map(\.rawValue))
        return nil
    }

    /// Reports an empty list, which asks for nothing where leaving the key out asks for the default.
    func refuseEmptyList(_ name: String, remedy: String) {
        guard let written = node(name), case .list(let elements) = written.value.value, elements.isEmpty else { return }
        findings.refuse(written, "is empty", remedy: remedy)
    }

    /// Reports every key that nobody asked for.
    func refuseUnknown() {
        // A table of ours has few members, and one of the operator's own keys may have thousands.
        let known = members.count > Self.fewKeys ? Set(asked) : nil
        for member in members where !(known?.contains(member.key) ?? asked.contains(member.key)) {
            findings.refuse(written(member), "unknown key", remedy: remedy(forUnknown: member.key))
        }
    }

    private func remedy(forUnknown name: String) -> String? {
        let free = asked.filter { !has($0) }
        if let meant = Spelling.nearest(to: name, among: free.isEmpty ? asked : free) {
            return "did you mean \"\(meant)\"?"
        }
        guard asked.count <= Self.fewKeys else {
            return "the example tokenbroker.toml, in the package or its documentation, has every key"
        }
        return "the keys here are \(asked.joined(separator: ", "))"
    }

    private func written(_ member: ConfigurationNode.Member) -> Written<ConfigurationNode> {
        Written(value: member.node, key: DottedKey.joined(key, member.key), place: member.node.place)
    }

    /// As many as fit on the line of an error, and as are found sooner one by one.
    private static let fewKeys = 8
}

/// The dotted form of keys, as TOML writes it.
enum DottedKey {
    static func joined(_ table: String, _ name: String) -> String {
        table.isEmpty ? quoted(name) : "\(table).\(quoted(name))"
    }

    private static func quoted(_ name: String) -> String {
        let isBare = !name.isEmpty && name.utf8.allSatisfy(KeyScanner.isBareKey)
        return isBare ? name : "\"\(name.printable)\""
    }
}

extension String {
    /// The text on one line and without its quotes, cut to what an error's line can bear.
    var printable: String {
        let shown = unicodeScalars.prefix(Self.longestShown).map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\t": "\\t"
            case _ where scalar.properties.generalCategory.isInvisible: "\\u{\(String(scalar.value, radix: 16))}"
            default: String(scalar)
            }
        }
        return shown.joined() + (unicodeScalars.count > Self.longestShown ? "…" : "")
    }

    /// The text as an error shows it.
    var shown: String { "\"\(printable)\"" }

    private static let longestShown = 120
}

extension Unicode.GeneralCategory {
    /// Whether a character of it cannot be seen, or steers what shows it.
    var isInvisible: Bool {
        switch self {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }
}
