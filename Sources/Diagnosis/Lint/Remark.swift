/// Something about a client's configuration that is hardly meant, or of use to a diagnosis.
package struct Remark: Sendable, Hashable {
    package let finding: Finding

    /// The key of the client's section that it is about.
    package let key: String

    /// What is so, as it stands after the key in a warning.
    package let problem: String

    /// What to do, in the imperative; nil where nothing is wrong by itself.
    package let remedy: String?

    init(_ finding: Finding, _ key: String, _ problem: String, remedy: String? = nil) {
        self.finding = finding
        self.key = key
        self.problem = problem
        self.remedy = remedy
    }

    /// The same as a diagnosis counts it.
    package var observation: Observation {
        Observation(finding, "\(problem.prefix(1).uppercased())\(problem.dropFirst()).")
    }
}
