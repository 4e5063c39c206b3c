import LinuxHost

/// What a text for others must not hold of this machine: its name, its user's, and paths of its files.
struct LocalNames {
    private let names: [String]

    /// Shorter ones would be found within other words' company everywhere.
    private static let shortestName = 3

    init(_ names: [String]) {
        self.names = names.map { $0.lowercased() }.filter { $0.utf8.count >= Self.shortestName && $0 != "localhost" }
    }

    /// This machine's.
    static func current() -> LocalNames {
        let host = (try? FileSystem.read("/proc/sys/kernel/hostname", maximumBytes: 256)).map {
            String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace }
        }
        let users = ["USER", "LOGNAME", "SUDO_USER"].compactMap(CurrentProcess.environment)
        // Every machine has root, and no provider's words are about it.
        return LocalNames([host].compactMap(\.self) + users.filter { $0 != "root" })
    }

    static let mask = "[removed]"

    /// The directories that local files are in; a path of a URL begins with none of them.
    private static let directories: Set<String> = [
        "bin", "boot", "credentials", "dev", "etc", "home", "lib", "media", "mnt", "nix", "opt", "proc", "root", "run",
        "srv", "sys", "tmp", "usr", "var",
    ]

    /// `text` with a mask in the place of each.
    func hidden(in text: String) -> String {
        var hidden = ""
        var word = ""
        for character in text + " " {
            if Self.isOfWord(character) {
                word.append(character)
                continue
            }
            hidden += isLocal(word) ? Self.mask : word
            hidden.append(character)
            word = ""
        }
        return String(hidden.dropLast())
    }

    private static func isOfWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "/._-~@:%+".contains(character)
    }

    private func isLocal(_ word: String) -> Bool {
        if word.hasPrefix("~/") { return true }
        if word.hasPrefix("/") {
            return Self.directories.contains(String(word.dropFirst().prefix { $0 != "/" && $0 != "." && $0 != ":" }))
        }
        let bare = word.lowercased().trimmingSuffix { ".:".contains($0) }
        return names.contains(String(bare))
    }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(_ isDropped: (Character) -> Bool) -> SubSequence {
        var rest = self[...]
        while let last = rest.last, isDropped(last) { rest.removeLast() }
        return rest
    }
}
