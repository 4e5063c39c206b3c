internal import Glibc

/// A terminal that shows nothing of what is typed, and hands it on at once rather than line by line, of which it would
/// cut what is longer than 4,095 bytes; it is as it was when this goes.
package final class QuietTerminal {
    private let descriptor: Int32
    private let before: termios

    /// Nil when it is no terminal, or one that this process is in the background of.
    package init?(_ descriptor: Int32) {
        self.descriptor = descriptor
        var modes = termios()
        guard unsafe tcgetattr(descriptor, &modes) == 0, tcgetpgrp(descriptor) == getpgrp() else { return nil }
        before = modes
        // Ctrl-C still interrupts.
        modes.c_lflag &= ~tcflag_t(ICANON | ECHO)
        guard unsafe tcsetattr(descriptor, TCSADRAIN, &modes) == 0 else { return nil }
    }

    deinit {
        var modes = before
        // What was typed and not read goes, for it may be the rest of a secret, and the shell would be next to read it.
        _ = unsafe tcsetattr(descriptor, TCSAFLUSH, &modes)
    }
}
