import Foundation
import OAuth2

/// The records of takeovers beside the database, which outlive it: one line each, only ever added.
struct FirstTokenFile: Sendable {
    let path: String

    /// The file beside the database at `path`.
    init(besideDatabase path: String) { self.path = path + ".first-tokens" }

    /// Every record that can be read: a damaged line is left out, and a missing file has none.
    func read() throws(TokenStoreError) -> [Takeover] {
        do {
            guard FileManager.default.fileExists(atPath: path) else { return [] }
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            return bytes.split(separator: 0x0A).compactMap { Takeover(line: $0) }
        } catch { throw TokenStoreError(error, path: path) }
    }

    /// Adds lines at the end; durable on return.
    func append(_ takeovers: [Takeover]) throws {
        guard !takeovers.isEmpty else { return }
        let isNew = !FileManager.default.fileExists(atPath: path)
        if isNew { try DatabaseFile(path: path).makeEmpty() }
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        defer { try? file.close() }
        // A line that a full disk or a crash cut off must not run into the next.
        let lineBreak = try file.endsWithinLine() ? "\n" : ""
        try file.write(contentsOf: Data((lineBreak + takeovers.map(\.line).joined()).utf8))
        try file.synchronize()
        if isNew { try synchronizeDirectory() }
    }

    /// Without it, the new file's name may be lost with the power.
    private func synchronizeDirectory() throws {
        let directory = try FileHandle(forReadingFrom: URL(fileURLWithPath: path).deletingLastPathComponent())
        try directory.synchronize()
        try directory.close()
    }
}

extension FileHandle {
    /// Goes to the end of the file; tells whether its last line was not ended.
    fileprivate func endsWithinLine() throws -> Bool {
        let end = try seekToEnd()
        guard end > 0 else { return false }
        try seek(toOffset: end - 1)
        return try read(upToCount: 1) != Data([0x0A])
    }
}

extension Takeover {
    /// Client, fingerprint and Unix time.
    fileprivate var line: String { "\(firstToken.client) \(firstToken.value) \(at.components.seconds)\n" }

    fileprivate init?(line: Data) {
        let fields = line.split(separator: 0x20, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard fields.count == 3, let client = ClientName(fields[0]),
            let firstToken = FirstTokenFingerprint(client: client, value: fields[1]),
            let seconds = Int64(fields[2])
        else { return nil }
        self.init(firstToken: firstToken, at: .seconds(seconds))
    }
}
