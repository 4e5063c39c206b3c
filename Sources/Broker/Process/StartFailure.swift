/// Why the daemon cannot start, or ends otherwise than it should, in the operator's words, and with which status it exits.
package struct StartFailure: Error, Sendable, CustomStringConvertible {
    /// A start that fails is tried again every few seconds, and each of ten thousand clients may be wrong.
    static let longestLog = 20

    /// The sysexits(3) words that apply.
    package enum ExitStatus: Int32, Sendable {
        case unavailable = 69
        case software = 70
        case operatingSystem = 71
        case cannotCreate = 73
        case inputOutput = 74
        case configuration = 78
    }

    package let exitStatus: ExitStatus

    /// One problem a line, each with its place and remedy.
    package let description: String

    package init(_ exitStatus: ExitStatus, _ description: String) {
        self.exitStatus = exitStatus
        self.description = description
    }

    /// What the log of the service takes: the first problems, and how many more there are.
    var logLines: [String] {
        let problems = description.split(separator: "\n").map(String.init)
        guard problems.count > Self.longestLog else { return problems }
        return problems.prefix(Self.longestLog)
            + ["and \(problems.count - Self.longestLog) more problems, which `tokenctl check` tells"]
    }

    /// What `systemctl status` shows: the first problem, and how many more there are.
    var statusLine: String {
        let problems = description.split(separator: "\n")
        let more = problems.count > 1 ? " (and \(problems.count - 1) more: see the log)" : ""
        return "Failed\(more): \(problems.first ?? "")"
    }
}
