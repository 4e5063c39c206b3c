import FoundationEssentials
import Logging
import OAuth2
import Testing

@testable import Broker

/// The manual page against the readers: neither may know a key that the other does not.
@Suite("tokenbroker.toml(5)") struct ConfigurationManualTests {
    private static let page = Result<String, any Error> {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return String(
            decoding: try Data(contentsOf: root.appending(path: "docs/man/tokenbroker.toml.5.in")),
            as: UTF8.self
        )
    }

    /// The page's lines under each heading.
    private func sections() throws -> [String: [Substring]] {
        var sections: [String: [Substring]] = [:]
        var heading = ""
        for line in try Self.page.get().split(separator: "\n") {
            if line.hasPrefix(".Sh ") { heading = String(line.dropFirst(4)) }
            sections[heading, default: []].append(line)
        }
        return sections
    }

    /// The keys that the page describes under a heading: `.It Ic KEY , KEY No = Ar VALUE`.
    private func described(under heading: String) throws -> Set<String> {
        let items = try #require(try sections()[heading]).filter { $0.hasPrefix(".It Ic ") }
        let keys = items.flatMap { $0.dropFirst(7).prefix { $0 != "=" }.split(separator: " ").dropLast() }
        return Set(keys.filter { $0 != "," }.map(String.init))
    }

    /// The keys that a reader asks of its table.
    private func asked(by read: (TableReader) -> Void) -> Set<String> {
        let table = TableReader(key: "", place: SourcePlace(file: ""), members: [], findings: Findings())
        read(table)
        return Set(table.asked)
    }

    /// The keys that a short table may have, as the error of a wrong one lists them.
    private func listed(inErrorOf line: String) throws -> Set<String> {
        let lists = try errors(in: client(line)).compactMap { error in
            error.ranges(of: "the keys here are ").first.map { error[$0.upperBound...] }
        }
        let list = try #require(lists.first)
        return Set(list.split(separator: ", ").map(String.init))
    }

    private static let source = SourceFile(path: "", directory: "/", isReadableByOthers: true)

    @Test func `every key of a client is described`() throws {
        let name = try #require(ClientName("a"))
        let asked = asked { _ = ClientReader(table: $0, source: Self.source).read(name: name) }
        #expect(try described(under: "CLIENTS") == asked)
    }

    @Test func `every key of the other tables is described`() throws {
        let defaults = DaemonConfiguration(defaultsIn: .service)
        let daemon = asked { _ = DaemonReader(table: $0, source: Self.source).read(over: defaults) }
        #expect(try described(under: "DAEMON") == daemon)
        #expect(try described(under: "SERVERS") == asked { _ = ServerReader(table: $0).read() })
        #expect(try described(under: "RULES") == listed(inErrorOf: "allow = [{ colouring = 1 }]"))
        #expect(
            try described(under: "DESCRIPTION")
                == listed(inErrorOf: "refresh_token = { colouring = 1 }\ngrant = \"refresh_token\"")
        )
    }

    @Test func `every word that a key may have is there`() throws {
        let words = Set(try Self.page.get().split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
        let known =
            Provider.allCases.map(\.rawValue) + AuthenticationMethod.allCases.map(\.rawValue)
            + BasicEncoding.allCases.map(\.rawValue) + Grant.allCases.map(\.name) + Rotation.allCases.map(\.rawValue)
            + Logger.Level.allCases.map(\.rawValue)
        #expect(Set(known).subtracting(words) == [])
    }

    @Test func `the examples are valid`() throws {
        var text = ""
        var isExample = false
        for line in try #require(try sections()["EXAMPLES"]) {
            if line == ".Ed" { isExample = false }
            if isExample { text += "\(line)\n" }
            if line.hasPrefix(".Bd ") { isExample = true }
        }
        let configuration = try load(text)
        #expect(configuration.clientNames.map(\.value) == ["billing", "orders", "mail"])
        #expect(configuration.warnings.isEmpty)
    }
}
