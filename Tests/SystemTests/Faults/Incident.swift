/// What befell users of another program, and what came of it here: a row of the README.
struct Incident: Sendable {
    /// What happened, and where one can read of it.
    let elsewhere: String

    /// What was done here.
    let tried: String
    let seen: String

    var row: String { "| \(elsewhere) | \(tried) | \(seen) |" }
}
