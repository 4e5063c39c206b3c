/// Reads the entries of a client's `allow`.
struct AllowRuleReader {
    let findings: Findings

    func read(_ written: Written<ConfigurationNode>) -> [AllowRule] {
        guard case .list(let nodes) = written.value.value else {
            findings.refuseType(written, expected: "a list of tables", remedy: "write [ { user = \"NAME\" } ]")
            return []
        }
        if nodes.isEmpty { findings.warn(written, "an empty list allows nobody, not even root") }
        return findings.elements(of: written).compactMap { entry in
            findings.table(entry).flatMap { rule($0) }
        }
    }

    private func rule(_ table: TableReader) -> AllowRule? {
        var rule = AllowRule()
        rule.user = principal("user", in: table)
        rule.group = principal("group", in: table)
        rule.unit = unit("unit", in: table)
        rule.userUnit = unit("user_unit", in: table)
        readAdditions(of: &rule, from: table)
        table.refuseUnknown()
        guard Self.conditions.contains(where: table.has) else {
            findings.refuse(
                table.key,
                at: table.place,
                "names nobody, and would allow everybody",
                remedy: "add \(Self.conditions.joined(separator: ", "))"
            )
            return nil
        }
        if table.has("user_unit"), !table.has("user") {
            findings.refuse(
                table.key,
                at: table.place,
                "user_unit without user, so that every user's unit of this name would do",
                remedy: "add user"
            )
        }
        if table.has("user_unit"), table.has("unit") {
            findings.refuse(
                table.key,
                at: table.place,
                "no process is in a unit and in a user unit",
                remedy: "write two entries"
            )
        }
        return rule
    }

    private func principal(_ name: String, in table: TableReader) -> Principal? {
        guard let written = table.node(name).flatMap({ findings.principal($0) }) else { return nil }
        if case .number(let number) = written.value, Principal.isRecycled(number) {
            findings.warn(
                written,
                "\(number) never matches: it is given to one service after the other, or stands for nobody",
                remedy: "name the service with unit"
            )
        }
        return written.value
    }

    private func unit(_ name: String, in table: TableReader) -> String? {
        guard let written = table.string(name) else { return nil }
        let unit = written.value
        if Self.unitSuffixes.contains(where: { unit.hasSuffix($0) && unit != $0 }), !unit.contains("/") { return unit }
        findings.refuse(
            written,
            "\(unit.shown) is no unit that a process runs in",
            remedy: unit.contains(where: { "./".contains($0) })
                ? "write a service's or scope's whole name" : "did you mean \"\(unit.printable).service\"?"
        )
        return nil
    }

    private func readAdditions(of rule: inout AllowRule, from table: TableReader) {
        if let scopes = table.strings("scopes") { rule.scopes = findings.scopes(scopes) }
        if let audiences = table.strings("audiences") { rule.audiences = audiences.value.map(\.value) }
        if let resources = table.strings("resources") { rule.resources = findings.resources(resources) }
    }

    private static let conditions = ["user", "group", "unit", "user_unit"]

    /// The units that hold processes; slices and the rest hold none of their own.
    private static let unitSuffixes = [".service", ".scope", ".socket", ".mount", ".swap"]
}
