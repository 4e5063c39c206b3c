import OAuth2

/// Reads where a secret is kept: one source, or a list of them.
struct SecretSourceReader {
    let findings: Findings
    let source: SourceFile

    func read(_ written: Written<ConfigurationNode>) -> [SecretSource] {
        guard case .list = written.value.value else { return one(written).map { [$0] } ?? [] }
        let elements = findings.elements(of: written)
        if elements.isEmpty { findings.refuse(written, "is empty") }
        return elements.compactMap { one($0) }
    }

    private func one(_ written: Written<ConfigurationNode>) -> SecretSource? {
        switch written.value.value {
        case .string: return inline(written)
        case .table: return findings.table(written).flatMap { named($0, written) }
        default:
            findings.refuseType(written, expected: "a secret's source", remedy: "write \(Self.forms)")
            return nil
        }
    }

    private func inline(_ written: Written<ConfigurationNode>) -> SecretSource? {
        guard let string = findings.string(written) else { return nil }
        guard !source.isReadableByOthers else {
            findings.refuse(
                written,
                "a secret in a file that others can read",
                remedy: "chmod 600 \(source.path), or write \(Self.forms)"
            )
            return nil
        }
        return .inline(Secret(string.value))
    }

    private func named(_ table: TableReader, _ written: Written<ConfigurationNode>) -> SecretSource? {
        let credential = table.string("credential")
        let file = table.string("file")
        let environment = table.string("environment")
        let known = table.keys.filter { ["credential", "file", "environment"].contains($0) }
        table.refuseUnknown()
        guard known.count < 2 else {
            findings.refuse(
                written,
                "names more than one source",
                remedy: "to try them in order, write a list of tables"
            )
            return nil
        }
        if known.isEmpty, table.keys.isEmpty {
            findings.refuse(written, "names no source", remedy: "write \(Self.forms)")
        }
        if let credential { return self.credential(credential) }
        if let file { return .file(source.absolute(file.value)) }
        return environment.flatMap { variable($0) }
    }

    private func credential(_ written: Written<String>) -> SecretSource? {
        let name = written.value
        // systemd's own rule; it also keeps the name within its directory.
        guard !name.contains("/"), name != ".", name != "..", name.utf8.count <= Self.maximumNameBytes else {
            findings.refuse(written, "\(name.shown) is no credential's name", remedy: "write a plain file name")
            return nil
        }
        return .credential(name)
    }

    private func variable(_ written: Written<String>) -> SecretSource? {
        guard !written.value.contains("=") else {
            findings.refuse(written, "\(written.value.shown) is no environment variable's name")
            return nil
        }
        return .environment(written.value)
    }

    private static let forms = "{ credential = \"NAME\" }, { file = \"PATH\" } or { environment = \"NAME\" }"

    /// A file name's, as credentials are files.
    private static let maximumNameBytes = 255
}
