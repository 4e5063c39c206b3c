import LinuxHost

/// The browser of this machine.
enum Browser {
    /// What to run for `address`, in the order to be tried: what `BROWSER` names, else the desktop's; nothing where there is
    /// no desktop.
    ///
    /// Root has no browser unless it names one: what comes from elsewhere is not for root to show.
    static func programs(for address: String, isRoot: Bool, environment: (String) -> String?) -> [[String]] {
        // Nothing that a program could take for an option or a file.
        guard address.hasPrefix("https://") || address.hasPrefix("http://") else { return [] }
        if let named = environment("BROWSER"), !named.isEmpty {
            return named.split(separator: ":").map { command in
                let words = command.split(separator: " ").map(String.init)
                let filled = words.map { $0.replacing("%s", with: address) }
                return filled == words ? words + [address] : filled
            }
            .filter { $0.count > 1 }
        }
        let hasDesktop = ["DISPLAY", "WAYLAND_DISPLAY"].contains { environment($0)?.isEmpty == false }
        return hasDesktop && !isRoot ? [["xdg-open", address]] : []
    }

    /// Opens `address`; false when there is no browser.
    static func open(_ address: String) -> Bool {
        let isRoot = CurrentProcess.uid == 0
        return programs(for: address, isRoot: isRoot, environment: CurrentProcess.environment).contains { words in
            do throws(HostError) {
                try CurrentProcess.start(words[0], arguments: Array(words.dropFirst()))
                return true
            } catch {
                return false
            }
        }
    }
}
