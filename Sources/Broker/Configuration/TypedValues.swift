/// Values by their types; what is of another type is reported, and then is nil.
extension Findings {
    func string(_ written: Written<ConfigurationNode>) -> Written<String>? {
        guard case .string(let string) = written.value.value else {
            refuseType(written, expected: "a string")
            return nil
        }
        guard !string.isEmpty else {
            refuse(written, "is empty")
            return nil
        }
        return written.with(string)
    }

    func strings(_ written: Written<ConfigurationNode>) -> Written<[Written<String>]>? {
        guard case .list = written.value.value else {
            let example: String? =
                if case .string(let string) = written.value.value { "write [\(string.shown)]" } else { nil }
            refuseType(written, expected: "a list of strings", remedy: example)
            return nil
        }
        return written.with(elements(of: written).compactMap { string($0) })
    }

    func boolean(_ written: Written<ConfigurationNode>) -> Written<Bool>? {
        guard case .boolean(let boolean) = written.value.value else {
            refuseType(written, expected: "true or false")
            return nil
        }
        return written.with(boolean)
    }

    func integer(_ written: Written<ConfigurationNode>) -> Written<Int>? {
        guard case .integer(let integer) = written.value.value else {
            refuseType(written, expected: "an integer")
            return nil
        }
        return written.with(integer)
    }

    func number(_ written: Written<ConfigurationNode>) -> Written<Double>? {
        switch written.value.value {
        case .integer(let integer): return written.with(Double(integer))
        case .number(let number): return written.with(number)
        default:
            refuseType(written, expected: "a number")
            return nil
        }
    }

    func table(_ written: Written<ConfigurationNode>) -> TableReader? {
        guard case .table(let members) = written.value.value else {
            refuseType(written, expected: "a table")
            return nil
        }
        return TableReader(key: written.key, place: written.place, members: members, findings: self)
    }

    /// The elements of a list, each under its own key; none when it is no list.
    func elements(of written: Written<ConfigurationNode>) -> [Written<ConfigurationNode>] {
        guard case .list(let nodes) = written.value.value else { return [] }
        return nodes.enumerated().map { index, node in
            Written(value: node, key: "\(written.key)[\(index)]", place: node.place)
        }
    }

    func refuseType(_ written: Written<ConfigurationNode>, expected: String, remedy: String? = nil) {
        refuse(written, "wrong type: expected \(expected), found \(written.value.kind)", remedy: remedy)
    }

    func refuseChoice(_ written: Written<String>, among choices: [String]) {
        let meant = Spelling.nearest(to: written.value, among: choices)
        refuse(
            written,
            "\(written.value.shown) is none of \(choices.joined(separator: ", "))",
            remedy: meant.map { "did you mean \"\($0)\"?" }
        )
    }
}
