/// A place in a configuration file.
package struct SourcePlace: Sendable, Hashable, CustomStringConvertible {
    package var file: String

    /// From 1; nil when the trouble is with the file as a whole.
    package var line: Int?

    /// From 1, in characters.
    package var column: Int?

    package init(file: String, line: Int? = nil, column: Int? = nil) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `FILE:LINE`.
    package var description: String {
        guard let line else { return file }
        return "\(file):\(line)"
    }
}

/// One thing that is wrong in the configuration: where, what, and what to do.
package struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    package var place: SourcePlace

    /// The dotted key, `clients.billing.scopes`; nil when the trouble is not with one.
    package var key: String?

    /// What is wrong, in one sentence without its full stop; never a secret.
    package var problem: String

    /// What to do about it.
    package var remedy: String?

    package init(place: SourcePlace, key: String? = nil, problem: String, remedy: String? = nil) {
        self.place = place
        self.key = key
        self.problem = problem
        self.remedy = remedy
    }

    /// `FILE:LINE: KEY: PROBLEM; REMEDY`.
    package var description: String {
        var text = "\(place): "
        if let key { text += "\(key): " }
        text += problem
        if let remedy { text += "; \(remedy)" }
        return text
    }
}

/// Everything that is wrong in the configuration, in the order of the files and their lines; never empty.
package struct ConfigurationErrors: Error, Sendable, Equatable, CustomStringConvertible {
    package var errors: [ConfigurationError]

    package init(_ errors: [ConfigurationError]) {
        self.errors = errors
    }

    /// One error a line.
    package var description: String { errors.map(\.description).joined(separator: "\n") }
}

/// Something valid that is hardly meant; printed like an error, and never in the way of a start.
package struct ConfigurationWarning: Sendable, Hashable, CustomStringConvertible {
    package var finding: ConfigurationError

    package init(_ finding: ConfigurationError) {
        self.finding = finding
    }

    package var description: String { finding.description }
}
