import LinuxHost
import OAuth2

/// The token on standard input of `tokenctl reject`; an argument could be read by every process of the machine.
enum RejectedToken {
    /// The daemon takes bodies of 16 KiB.
    static let maximumBytes = 16_000

    /// Reads it; a terminal is not waited for, where it would be typed, and stay to be seen.
    static func read(isTerminal: Bool) throws(Failure) -> Secret {
        guard !isTerminal else { throw usage("standard input is a terminal") }
        let input: [UInt8]
        do throws(HostError) {
            input = try StandardStreams.read(maximumBytes: maximumBytes)
        } catch {
            throw usage("\(error)")
        }
        return try token(in: input)
    }

    /// What `input` holds but for the end of its line.
    static func token(in input: [UInt8]) throws(Failure) -> Secret {
        var bytes = input[...]
        while bytes.last == 0x0A || bytes.last == 0x0D { bytes.removeLast() }
        guard !bytes.isEmpty else { throw usage("standard input is empty") }
        // What RFC 6749 appendix A.12 gives to access tokens, but for the space, which none has.
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw usage("standard input holds no bare token")
        }
        return Secret(bytes: Array(bytes))
    }

    private static func usage(_ what: String) -> Failure {
        Failure(
            exitStatus: 64,
            what: what,
            remedy: "Pipe the refused token in: `printf %s \"$TOKEN\" | tokenctl reject CLIENT`."
        )
    }
}
