import LinuxHost

/// Where a login is shown: what is for the person to standard error, the result alone to standard output.
final class LoginConsole {
    private let isLive: Bool
    private let writeErrors: (String) -> Void
    private let writeResult: ([UInt8]) -> Bool

    /// The line that is drawn over and over, as it stands there.
    private var live = ""

    /// - Parameter isLive: Whether a line can be drawn over: on a terminal alone.
    init(isLive: Bool, errors: @escaping (String) -> Void, result: @escaping ([UInt8]) -> Bool) {
        self.isLive = isLive
        writeErrors = errors
        writeResult = result
    }

    static func standard() -> LoginConsole {
        LoginConsole(
            isLive: CurrentProcess.isTerminal(2),
            errors: StandardStreams.writeErrorText,
            result: { StandardStreams.write($0) }
        )
    }

    /// Whether there is something to draw with time.
    var wantsTicks: Bool { isLive && !live.isEmpty }

    func tell(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        erase()
        writeErrors(lines.map { $0 + "\n" }.joined())
    }

    /// Shows `line` in place of the live line before.
    func draw(_ line: String) {
        guard isLive, line != live else { return }
        writeErrors("\r\u{1B}[K\(line)")
        live = line
    }

    /// Takes the live line away.
    func erase() {
        guard !live.isEmpty else { return }
        writeErrors("\r\u{1B}[K")
        live = ""
    }

    /// False when nobody reads results any more.
    func give(_ line: [UInt8]) -> Bool {
        erase()
        return writeResult(line + [0x0A])
    }
}
