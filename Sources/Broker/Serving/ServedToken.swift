internal import LocalAPI
internal import OAuth2

/// A token on its way to a caller, with what is left of it.
struct ServedToken: Sendable {
    let rendered: RenderedToken
    let fingerprint: TokenFingerprint

    /// Counts what its slot published, this token the latest.
    let publication: UInt64

    /// When it was looked at.
    let at: Moment

    /// For how long the same answer would do.
    let window: ServingWindow

    /// Writes the answer, head and body; see whether it found room.
    func write(_ format: TokenFormat, into answer: inout AnswerBuffer) {
        rendered.write(format, expiresIn: window.expiresIn, into: &answer)
    }

    /// The answer's bytes in an array of their own.
    func bytes(_ format: TokenFormat) -> [UInt8] {
        var answer = AnswerBuffer(capacity: rendered.longestAnswer)
        write(format, into: &answer)
        defer { answer.wipe() }
        return Array(answer)
    }
}
