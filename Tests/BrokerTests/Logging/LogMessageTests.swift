import Foundation
import Logging
import SystemdHost
import Testing

@testable import Broker

@Suite struct LogMessageTests {
    /// Of all that the daemon logs by itself: the name in the code, the id, the fields.
    private static let kinds: [(name: String, id: String, fields: [String])] =
        LogMessage.allCases.map { ($0.rawValue, $0.form.id, $0.fields) }
        + LogNote.allCases.map { ($0.rawValue, $0.id, $0.fields) }

    @Test func `each kind has an id of its own, as the journal writes them`() {
        #expect(Set(Self.kinds.map(\.id)).count == Self.kinds.count)
        for kind in Self.kinds {
            // Random ones of version 4, as systemd-id128(1) makes them.
            #expect(kind.id.wholeMatch(of: /[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}/) != nil, "\(kind.name)")
        }
    }

    @Test func `the catalog has an entry for each kind, and no other`() throws {
        let entries = try Catalog.shipped().entries
        #expect(entries.count == Set(entries.map(\.id)).count)
        #expect(Set(entries.map(\.id)) == Set(Self.kinds.map(\.id)))
    }

    @Test func `an entry says what it is, who defined it, where more is told, and puts in what each message has`()
        throws
    {
        let fields = Dictionary(uniqueKeysWithValues: Self.kinds.map { ($0.id, $0.fields) })
        for entry in try Catalog.shipped().entries {
            let subject = try #require(entry.headers["Subject"])
            #expect(!subject.hasSuffix("."))
            #expect(Set(entry.headers.keys) == ["Subject", "Defined-By", "Documentation"], "\(subject)")
            #expect(entry.headers["Defined-By"] == "tokenbroker")
            #expect(!entry.body.isEmpty, "\(subject)")
            let had = (fields[entry.id] ?? []).map { "TOKENBROKER_\($0.uppercased())" }
            #expect(entry.fields.isSubset(of: had), "\(subject)")
            // Whoever reads it does so in a terminal.
            #expect(entry.body.split(separator: "\n").allSatisfy { $0.count <= 88 }, "\(subject)")
        }
    }

    @Test func `commands that the catalog names are there`() throws {
        let commands = try FileManager.default.contentsOfDirectory(
            atPath: Catalog.directory.appending(path: "Sources/tokenctl/Commands").path
        )
        let known = Set(commands.map { $0.prefix { $0 != "." }.lowercased() })
        let named = try Catalog.shipped().entries.flatMap { entry in
            entry.body.matches(of: /(?m)tokenctl ([a-z]+)(?: |$)/).map { String($0.1) }
        }
        for command in Set(named).subtracting(["exits", "said"]) {
            #expect(known.contains { $0.hasPrefix(command) }, "tokenctl \(command)")
        }
    }

    @Test func `nothing in the broker is logged but by its kind`() throws {
        let sources = Catalog.directory.appending(path: "Sources/Broker")
        let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        var count = 0
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift", file.lastPathComponent != "LogMessage+Form.swift" else { continue }
            count += 1
            let text = try String(contentsOf: file, encoding: .utf8)
            let bare = text.firstMatch(of: /[lL]ogger\.(log|trace|debug|info|notice|warning|error|critical)\(/)
            #expect(bare == nil, "\(file.lastPathComponent)")
        }
        #expect(count > 100)
    }

    @Test func `a message is written with its id, at its level or the one that is given`() {
        let log = LogCapture()
        log.logger.write(.gotToken, ["client": "billing", "lifetime": "3600 s"])
        log.logger.write(.operatorCommand, ["caller_uid": "0", "caller_pid": "1", "command": "status"], level: .info)
        #expect(
            log.lines == [
                "info Got a token client=billing lifetime=3600 s",
                "info An operator gave a command caller_pid=1 caller_uid=0 command=status",
            ]
        )
        #expect(log.ids == [LogMessage.gotToken.form.id, LogMessage.operatorCommand.form.id])
    }
}
