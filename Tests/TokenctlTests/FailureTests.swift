import Glibc
import LinuxHost
import LocalAPI
import Testing

@testable import tokenctl

@Suite("A failure") struct FailureTests {
    @Test(
        "that the daemon names exits as the design's §6 says, whatever else the document holds",
        arguments: [
            ("invalid_request", 64), ("invalid_scope", 64), ("unsupported_grant_type", 64), ("unknown_client", 66),
            ("server_error", 70), ("temporarily_unavailable", 75), ("too_many_requests", 75), ("access_denied", 77),
            ("client_misconfigured", 78), ("login_required", 80), ("min_ttl_unmet", 81),
            // A later daemon's.
            ("out_of_luck", 70), ("", 70),
        ] as [(String, Int32)]
    )
    func codes(error: String, status: Int32) {
        let full = Failure(
            ErrorDocument(
                error: error,
                errorDescription: "it does not work",
                client: "billing",
                remedy: "Make it work.",
                retryAfter: 5,
                cause: "unauthorized_client"
            )
        )
        #expect(full.exitStatus == status)
        #expect(full.what == "billing: \(error): it does not work (unauthorized_client)")
        #expect(full.remedy == "Make it work.")

        let bare = Failure(ErrorDocument(error: error))
        #expect(bare.exitStatus == status)
        #expect(bare.what == "\(error): no description")
        #expect(bare.remedy == nil)
    }

    @Test("of a fetch whose time was over does not name the waiting as a cause")
    func waiting() {
        let failure = Failure(
            ErrorDocument(error: "temporarily_unavailable", errorDescription: "no answer came", cause: "waiting")
        )
        #expect(failure.what == "temporarily_unavailable: no answer came")
    }

    @Test("of the socket says whether the daemon, its mode or its time is the matter, and what to do")
    func socket() {
        let rows: [(code: Int32, status: Int32, what: String, remedy: String)] = [
            (
                ENOENT, 69, "the daemon cannot be reached at /a.sock: No such file or directory",
                "Start it with `systemctl start tokenbrokerd`, or name its socket with --socket."
            ),
            (
                ECONNREFUSED, 69, "the daemon cannot be reached at /a.sock: Connection refused",
                "Start it with `systemctl start tokenbrokerd`, or name its socket with --socket."
            ),
            (
                ECONNRESET, 69, "the daemon cannot be reached at /a.sock: Connection reset by peer",
                "Start it with `systemctl start tokenbrokerd`, or name its socket with --socket."
            ),
            (
                EACCES, 77, "/a.sock may not be connected to: Permission denied",
                "Become root or a member of the socket's group."
            ),
            (
                EPERM, 77, "/a.sock may not be connected to: Operation not permitted",
                "Become root or a member of the socket's group."
            ),
            (
                EAGAIN, 75, "the daemon at /a.sock did not answer in time",
                "Try again in a moment; if it stays so, `systemctl status tokenbrokerd` tells why."
            ),
            (
                ETIMEDOUT, 75, "the daemon at /a.sock did not answer in time",
                "Try again in a moment; if it stays so, `systemctl status tokenbrokerd` tells why."
            ),
        ]
        for row in rows {
            let failure = Failure(
                HostError("cannot be connected to", path: "/a.sock", code: row.code),
                socket: "/a.sock"
            )
            #expect(failure == Failure(exitStatus: row.status, what: row.what, remedy: row.remedy))
        }
    }

    @Test("of an answer that cannot be read is the daemon's fault, and names the likeliest reason")
    func brokenAnswer() throws {
        #expect(Failure.brokenAnswer.exitStatus == 70)
        #expect(Failure.brokenAnswer.remedy != nil)
        #expect(throws: Failure.brokenAnswer) { try DocumentCoding.read(StatusDocument.self, Array("{}".utf8)) }
    }

    @Test(
        "prints as one line that says what, and one that says what to do, for every code",
        arguments: APIErrorCode.allCases
    )
    func printable(code: APIErrorCode) {
        let failure = Failure(APIError(code, "it does not work", client: "billing", remedy: "Make it work.").document)
        #expect(!failure.what.contains("\n"))
        #expect(failure.exitStatus == code.exitStatus && failure.exitStatus >= 64)
    }
}
