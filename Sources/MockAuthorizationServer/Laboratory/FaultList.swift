/// The list of faults, for people and for programs.
package enum FaultList {
    /// Four lines a fault at the most: what it is called, what is wrong, how to bring it about.
    package static var table: String {
        let nameWidth = widest(\.name)
        let providerWidth = widest(\.provider)
        return LaboratoryFault.all.map { fault in
            let head = [
                padded(fault.name, nameWidth), padded(fault.provider, providerWidth), fault.cause,
                fault.isMetByDaemon ? "" : "(not met by tokenbrokerd itself)",
            ]
            let lines =
                [head.filter { !$0.isEmpty }.joined(separator: "  "), "    \(fault.summary)"] + setUp(of: fault)
            return lines.joined(separator: "\n") + "\n"
        }.joined()
    }

    /// The same as a JSON document.
    package static var json: String { String(decoding: document.encoded(), as: UTF8.self) + "\n" }

    static var document: JSONValue { .array(LaboratoryFault.all.map(\.document)) }

    private static func setUp(of fault: LaboratoryFault) -> [String] {
        let needs = fault.needs.map(\.rawValue).sorted().map { "needs --\($0)." }
        let told = [fault.setUp] + needs
        return ["    grant: \(fault.grants.map(\.rawValue).joined(separator: ", "))"]
            + (fault.settings.isEmpty ? [] : ["    settings: \(fault.settings.joined(separator: "; "))"])
            + (told == [""] ? [] : ["    set-up: \(told.filter { !$0.isEmpty }.joined(separator: " "))"])
    }

    private static func widest(_ member: (LaboratoryFault) -> String) -> Int {
        LaboratoryFault.all.map { member($0).count }.max() ?? 0
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

extension LaboratoryFault {
    /// Itself, as programs read it.
    var document: JSONValue {
        [
            "name": .string(name), "provider": .string(provider), "cause": .string(cause),
            "summary": .string(summary), "grants": .array(grants.map { .string($0.rawValue) }),
            "settings": .array(settings.map(JSONValue.string)), "set_up": .string(setUp),
            "needs": .array(needs.map(\.rawValue).sorted().map(JSONValue.string)),
            "met_by_daemon": .bool(isMetByDaemon),
        ]
    }

    /// What to say of a name that there is not.
    package static func objection(to name: String) -> String {
        let near = names(near: name)
        return "there is no fault \(name)"
            + (near.isEmpty
                ? "; --list-faults tells which there are" : "; did you mean \(near.joined(separator: ", "))?")
    }
}
