import LinuxHost
import LocalAPI

/// Why a command failed: what to print and with which status to exit.
struct Failure: Error, Equatable {
    let exitStatus: Int32
    let what: String
    let remedy: String?

    /// The daemon's own refusal.
    init(_ document: ErrorDocument) {
        exitStatus = document.code?.exitStatus ?? 70
        let subject = document.client.map { "\($0): " } ?? ""
        let cause = document.cause.map { $0 == "waiting" ? "" : " (\($0))" } ?? ""
        what = "\(subject)\(document.error): \(document.errorDescription ?? "no description")\(cause)"
        remedy = document.remedy
    }

    init(exitStatus: Int32, what: String, remedy: String?) {
        self.exitStatus = exitStatus
        self.what = what
        self.remedy = remedy
    }

    /// The socket could not be reached.
    init(_ error: HostError, socket: String) {
        if error.isPermission {
            self.init(
                exitStatus: 77,
                what: "\(socket) may not be connected to: \(error.why)",
                remedy: "Become root or a member of the socket's group."
            )
        } else if error.isTimeout {
            self.init(
                exitStatus: 75,
                what: "the daemon at \(socket) did not answer in time",
                remedy: "Try again in a moment."
            )
        } else {
            self.init(
                exitStatus: 69,
                what: "the daemon cannot be reached at \(socket): \(error.why)",
                remedy: "Start it with `systemctl start tokenbrokerd`, or name its socket with --socket."
            )
        }
    }

    static let brokenAnswer = Failure(
        exitStatus: 70,
        what: "the daemon's answer cannot be understood",
        remedy: "Check that tokenctl and tokenbrokerd are of the same version."
    )

    /// Prints what happened and what to do.
    func report() {
        StandardStreams.writeErrors(["tokenctl: \(what)"] + (remedy.map { [$0] } ?? []))
    }
}
