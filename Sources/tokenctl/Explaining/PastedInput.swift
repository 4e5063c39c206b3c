import LinuxHost

/// The response on standard input of `tokenctl explain -`.
enum PastedInput {
    /// As much as the daemon takes of a server's answer.
    static let maximumBytes = 1 << 20

    /// Reads it; on a terminal the person is told what is waited for.
    static func read(isTerminal: Bool) throws(Failure) -> [UInt8] {
        if isTerminal { StandardStreams.writeErrors(["Paste the response, then press Ctrl-D on a line of its own."]) }
        let input: [UInt8]
        do throws(HostError) {
            input = try StandardStreams.read(maximumBytes: maximumBytes)
        } catch {
            throw usage(error.description, "Give the token endpoint's response alone, without what comes before it.")
        }
        return try text(in: input)
    }

    /// `input`, if it is text.
    static func text(in input: [UInt8]) throws(Failure) -> [UInt8] {
        var text = input[...]
        if text.starts(with: [0xFF, 0xFE]) || text.starts(with: [0xFE, 0xFF]) {
            throw usage(
                "standard input is UTF-16",
                "Give it as UTF-8: a pipe does, and so does a file that curl -o writes."
            )
        }
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
        guard text.contains(where: { !isSpace($0) }) else {
            throw usage("standard input is empty", "Pipe the response in: `curl -sS -i … | tokenctl explain -`.")
        }
        guard !isCompressed(text) else {
            throw usage(
                "the response is compressed",
                "Ask for it with `curl --compressed`, or without Accept-Encoding."
            )
        }
        guard !text.contains(0) else {
            throw usage(
                "standard input is no text",
                "Give the response as it came: `curl -sS -i … | tokenctl explain -`."
            )
        }
        return Array(text)
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// Whether a gzip or Zstandard stream begins where a body may.
    private static func isCompressed(_ text: ArraySlice<UInt8>) -> Bool {
        [[0x1F, 0x8B, 0x08], [0x28, 0xB5, 0x2F, 0xFD]].contains { (magic: [UInt8]) in
            text.ranges(of: magic).contains { $0.lowerBound == text.startIndex || text[$0.lowerBound - 1] == 0x0A }
        }
    }

    static func usage(_ what: String, _ remedy: String) -> Failure {
        Failure(exitStatus: 64, what: what, remedy: remedy)
    }
}
