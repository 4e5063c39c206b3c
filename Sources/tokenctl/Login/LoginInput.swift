import LinuxHost

/// What is pasted or piped in during a login.
final class LoginInput {
    let descriptor: Int32
    private var lines: PastedLines
    private var quiet: QuietTerminal?

    /// Nil where nothing can be read without being stopped: from a terminal in whose background this is.
    init?(_ descriptor: Int32) {
        self.descriptor = descriptor
        let isTerminal = CurrentProcess.isTerminal(descriptor)
        quiet = isTerminal ? QuietTerminal(descriptor) : nil
        guard !isTerminal || quiet != nil else { return nil }
        lines = PastedLines(isTerminal: isTerminal)
    }

    /// What came, the end of it included.
    func read() -> [PastedLines.Event] {
        let bytes: [UInt8]
        do throws(HostError) {
            guard let some = try StandardStreams.readAvailable(maximumBytes: 4_096, from: descriptor) else { return [] }
            bytes = some
        } catch {
            // As of a terminal that is gone.
            return [.end]
        }
        guard !bytes.isEmpty else { return (lines.finish().map { [$0] } ?? []) + [.end] }
        return lines.add(bytes)
    }
}
