/// What a failure was and what to do about it.
package struct Explanation: Sendable, Hashable {
    /// The cause's name for machines, such as `invalid_client` or `connection_refused`.
    package var cause: String

    /// One sentence for people.
    package var summary: String

    /// One imperative sentence that tells the operator what to do.
    package var remedy: String

    /// What is likeliest behind it, by the provider and the failure's look alone; nil when the catalogue does not know.
    package var likelyCause: CauseID?

    package init(cause: String, summary: String, remedy: String, likelyCause: CauseID? = nil) {
        self.cause = cause
        self.summary = summary
        self.remedy = remedy
        self.likelyCause = likelyCause
    }
}
