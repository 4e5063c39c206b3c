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
                remedy: "Try again in a moment; if it stays so, `systemctl status tokenbrokerd` tells why."
            )
        } else {
            self.init(
                exitStatus: 69,
                what: "the daemon cannot be reached at \(socket): \(error.why)",
                remedy: "Start it with `systemctl start tokenbrokerd`, or name its socket with --socket."
            )
        }
    }

    /// A file for the result could not be made.
    init(file error: HostError) {
        if error.alreadyExists {
            self.init(
                exitStatus: 64,
                what: error.description,
                remedy: "Name another file, or replace this one with --force."
            )
        } else if error.isPermission {
            self.init(
                exitStatus: 77,
                what: error.description,
                remedy: "Name a file in a directory that you may write to."
            )
        } else if error.isUnusablePath {
            self.init(
                exitStatus: 64,
                what: error.description,
                remedy: "Name another file, in a directory that is there."
            )
        } else {
            self.init(exitStatus: 75, what: error.description, remedy: "Name a file on a disk that has room for it.")
        }
    }

    /// The daemon closed the connection without a word.
    static func noAnswer(_ socket: String) -> Failure {
        Failure(
            exitStatus: 69,
            what: "the daemon cannot be reached at \(socket): it closed the connection without an answer",
            remedy: "Try again, and look into the daemon's log with `journalctl -u tokenbrokerd`."
        )
    }

    static let cutOff = Failure(
        exitStatus: 70,
        what: "the daemon's answer ended before it was whole",
        remedy: "Look into the daemon's log with `journalctl -u tokenbrokerd`, and try again."
    )

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
