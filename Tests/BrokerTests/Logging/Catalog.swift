import Foundation

/// The entries of a message catalog (systemd.io/CATALOG).
struct Catalog {
    struct Entry {
        let id: String
        let headers: [String: String]
        let body: String

        /// The fields that are put in, `TOKENBROKER_CLIENT` for `@TOKENBROKER_CLIENT@`.
        var fields: Set<String> {
            let text = headers.values.joined(separator: "\n") + "\n" + body
            return Set(text.matches(of: /@([A-Z_]+)@/).map { String($0.1) })
        }
    }

    let entries: [Entry]

    init(_ text: String) {
        let blocks = ("\n" + text).components(separatedBy: "\n-- ").dropFirst()
        entries = blocks.map { block in
            let parts = block.components(separatedBy: "\n\n")
            let head = parts[0].split(separator: "\n")
            let headers = head.dropFirst().compactMap { line -> (String, String)? in
                guard let colon = line.firstRange(of: ": ") else { return nil }
                return (String(line[..<colon.lowerBound]), String(line[colon.upperBound...]))
            }
            return Entry(
                id: head.first.map(String.init) ?? "",
                headers: Dictionary(headers) { first, _ in first },
                body: parts.dropFirst().joined(separator: "\n\n").trimmingCharacters(in: .newlines)
            )
        }
    }

    /// The one that is installed with the daemon.
    static func shipped() throws -> Catalog {
        Catalog(try String(contentsOf: directory.appending(path: "systemd/tokenbroker.catalog"), encoding: .utf8))
    }

    /// The project's.
    static var directory: URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
    }
}
