import LinuxHost

extension Failure {
    /// The login's own connection ended without its last line.
    static let loginEnded = Failure(
        exitStatus: 69,
        what: "the daemon ended the login: it stops, or this user is no operator any more",
        remedy: "Log in again once it runs; what was held before is held still."
    )

    /// Nothing was heard for longer than anything may take.
    static let loginSilent = Failure(
        exitStatus: 69,
        what: "the daemon says nothing more of the login",
        remedy: "Look into the daemon's log with `journalctl -u tokenbrokerd`, and log in again."
    )

    /// Nothing can bring the browser's answer any more.
    static let nothingPasted = Failure(
        exitStatus: 64,
        what: "standard input ended before the address that the browser ended on was given",
        remedy: "Paste the whole address, which starts as the redirect address does, and press return."
    )

    /// The browser cannot be waited for.
    static func notListening(_ error: HostError) -> Failure {
        let other = "or log in with --no-listen and paste the address that the browser ends on."
        return if error.isTaken {
            Failure(exitStatus: 75, what: "\(error)", remedy: "End what listens there, perhaps another login, \(other)")
        } else if error.isPermission {
            Failure(exitStatus: 77, what: "\(error)", remedy: "Set a redirect_uri with a port above 1023, \(other)")
        } else {
            Failure(exitStatus: 70, what: "\(error)", remedy: "Log in with --no-listen and paste the address.")
        }
    }

    /// What the login needs of this process cannot be had.
    static func login(_ error: HostError) -> Failure {
        Failure(exitStatus: 70, what: "\(error)", remedy: "Try again.")
    }
}
