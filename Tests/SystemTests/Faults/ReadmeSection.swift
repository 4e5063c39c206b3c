import Foundation
import Synchronization
import Testing

/// What stands in README.md between `<!-- NAME -->` and `<!-- /NAME -->`, and is made from what tests see.
struct ReadmeSection {
    /// Lets the tests write their sections; `make faults` sets it.
    private static let renewal = "TOKENBROKER_RENEW_README"

    /// Held while the file is read and written: tests run at the same time.
    private static let turn = Mutex(())

    let name: String

    /// Fails unless the section is `lines`, or makes it so when that is asked for.
    func expect(_ lines: [String]) throws {
        try Self.turn.withLock { _ in try compareOrRenew(lines) }
    }

    private func compareOrRenew(_ lines: [String]) throws {
        let readme = String(decoding: try Data(contentsOf: Self.file), as: UTF8.self)
        let start = try #require(readme.firstRange(of: "<!-- \(name) -->\n\n"))
        let end = try #require(readme.firstRange(of: "\n\n<!-- /\(name) -->"))
        let section = start.upperBound..<end.lowerBound
        guard ProcessInfo.processInfo.environment[Self.renewal] == nil else {
            let renewed = readme.replacingCharacters(in: section, with: lines.joined(separator: "\n"))
            try Data(renewed.utf8).write(to: Self.file, options: .atomic)
            return
        }
        let changes = lines.difference(from: readme[section].split(separator: "\n").map(String.init))
        let said = changes.removals.map { change in
            if case .remove(_, let line, _) = change { "README: \(line)\n" } else { "" }
        }
        let seen = changes.insertions.map { change in
            if case .insert(_, let line, _) = change { "seen:   \(line)\n" } else { "" }
        }
        let isAsSeen = changes.isEmpty
        #expect(
            isAsSeen,
            "README.md does not say what was seen; `make faults` lets it:\n\((said + seen).joined())"
        )
    }

    /// In the package that this file belongs to.
    private static let file: URL = {
        var directory = URL(filePath: #filePath)
        while directory.path != "/" {
            directory.deleteLastPathComponent()
            let readme = directory.appending(path: "README.md")
            if FileManager.default.fileExists(atPath: readme.path) { return readme }
        }
        return directory
    }()
}
