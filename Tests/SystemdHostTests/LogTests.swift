import Foundation
import Logging
import TestSupport
import Testing

@testable import SystemdHost

struct LogTests {
    private static let hostile: [(String, String)] = [
        ("plain", "v=plain"), ("", #"v="""#), ("two words", #"v="two words""#), ("a=b", #"v="a=b""#),
        (#"say "hi""#, #"v="say \"hi\"""#), (#"back\slash"#, #"v="back\\slash""#),
        ("x\n2026-01-01T00:00:00.000Z error forged", #"v="x\n2026-01-01T00:00:00.000Z error forged""#),
        ("x\r\n\tend", #"v="x\r\n\tend""#), ("\u{1B}[2J\u{1B}]0;title\u{7}", #"v="\u{1b}[2J\u{1b}]0;title\u{7}""#),
        ("\u{9B}31m", #"v="\u{9b}31m""#), ("a\0b", #"v="a\u{0}b""#), ("a\u{2028}b\u{2029}", #"v="a\u{2028}b\u{2029}""#),
        ("\u{202E}desrever", #"v="\u{202e}desrever""#), ("a\u{200B}b\u{FEFF}", #"v="a\u{200b}b\u{feff}""#),
        ("grün", "v=grün"), ("日本", "v=日本"), ("https://as.example/token?x", "v=https://as.example/token?x"),
        ("a\u{A0}b", "v=\"a\u{A0}b\""),
    ]

    @Test(arguments: hostile)
    func `A value cannot end its line nor steer a terminal`(value: String, text: String) {
        #expect(LogText.line(message: "m", metadata: ["v": .string(value)]) == "m \(text)")
    }

    @Test func `Neither can a message or a key`() {
        let line = LogText.line(message: "a\nb \"c\" \\ \u{1B}[0m", metadata: ["k =\n\u{1B}ü": "1"])
        #expect(line == #"a\nb "c" \ \u{1b}[0m k_____=1"#)
    }

    @Test func `Random text stays on one line and can be told apart`() {
        var random = SeededGenerator(seed: 1)
        var seen: [String: String] = [:]
        for _ in 0..<5_000 {
            let scalars = (0..<4).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x2FFF, using: &random)) }
            let text = String(String.UnicodeScalarView(scalars))
            let line = LogText.line(message: "m", metadata: ["v": .string(text)])
            #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
            #expect(!line.contains { $0.isNewline })
            if let other = seen.updateValue(text, forKey: line) { #expect(Array(other.utf8) == Array(text.utf8)) }
        }
    }

    @Test func `Metadata is shown in the order of its keys, nested values too`() {
        let metadata: Logger.Metadata = [
            "b": .array(["1", .array([])]), "a": .dictionary(["y": "2", "x": "1\n"]), "c": .stringConvertible(3),
            "message_id": "6a3f5f0c4d5e4a5b8c7d6e5f4a3b2c1d",
        ]
        #expect(LogText.line(message: "m", metadata: metadata) == #"m a="{x: 1\n, y: 2}" b="[1, []]" c=3"#)
    }

    /// What a handler of this style writes for `log`.
    private func written(_ style: StandardErrorLogHandler.Style, _ log: (Logger) -> Void) throws -> String {
        let pipe = Pipe()
        var handler = StandardErrorLogHandler(style: style, output: pipe.fileHandleForWriting) {
            Date(timeIntervalSince1970: 1_767_323_045.25)
        }
        handler.logLevel = .trace
        handler.metadata = ["host": "a", "client": "handler"]
        handler.metadataProvider = Logger.MetadataProvider { ["client": "provider", "trace": "t"] }
        log(Logger(label: "test", factory: { _ in handler }))
        try pipe.fileHandleForWriting.close()
        return String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    }

    @Test func `A line for people has time and level`() throws {
        let text = try written(.plain) { logger in
            logger.info("token refreshed", metadata: ["client": "billing"])
            logger.critical("store fails")
        }
        #expect(
            text == """
                2026-01-02T03:04:05.250Z info token refreshed client=billing host=a trace=t
                2026-01-02T03:04:05.250Z critical store fails client=provider host=a trace=t

                """
        )
    }

    @Test func `A line for a service manager has its priority`() throws {
        let text = try written(.prioritized) { logger in
            for level in Logger.Level.allCases { logger.log(level: level, "m\n<0>forged") }
        }
        let lines = text.split(separator: "\n")
        #expect(lines.map { $0.prefix(3) } == ["<7>", "<7>", "<6>", "<5>", "<4>", "<3>", "<2>"])
        #expect(lines.allSatisfy { $0.dropFirst(3) == #"m\n<0>forged client=provider host=a trace=t"# })
    }

    @Test func `An error of an event is shown with it`() throws {
        struct Broken: Error, CustomStringConvertible { var description: String { "broken pipe" } }
        let text = try written(.prioritized) { $0.warning("m", error: Broken()) }
        #expect(text == "<4>m client=provider error=\"broken pipe\" host=a trace=t\n")
    }

    @Test func `A journal entry has the line and a field for each key`() {
        let event = LogEvent(
            level: .warning,
            message: "login required",
            metadata: [
                "client": "billing", "caller-unit": "a b.service", "message_id": "6a3f5f0c4d5e4a5b8c7d6e5f4a3b2c1d",
                "ünï": "x", "words": "two\nlines",
            ],
            source: nil,
            file: "f",
            function: "g",
            line: 1
        )
        #expect(
            JournalEntry(event, identifier: "tokenbrokerd").fields == [
                #"MESSAGE=login required caller-unit="a b.service" client=billing words="two\nlines" _n_=x"#,
                "PRIORITY=4",
                "SYSLOG_IDENTIFIER=tokenbrokerd",
                "TOKENBROKER_CALLER_UNIT=a b.service",
                "TOKENBROKER_CLIENT=billing",
                "MESSAGE_ID=6a3f5f0c4d5e4a5b8c7d6e5f4a3b2c1d",
                "TOKENBROKER_WORDS=two\nlines",
                "TOKENBROKER__N_=x",
            ]
        )
    }

    @Test(arguments: ["a=b", "MESSAGE", "_PID", String(repeating: "k", count: 200), "\n", ""])
    func `A key never becomes a field of another's`(key: String) throws {
        let event = LogEvent(
            level: .info,
            message: "m",
            metadata: [key: "v"],
            source: nil,
            file: "f",
            function: "g",
            line: 1
        )
        let field = try #require(JournalEntry(event, identifier: "i").fields.last)
        let name = try #require(field.split(separator: "=").first)
        #expect(field == "\(name)=v")
        #expect(name.hasPrefix("TOKENBROKER_"))
        #expect(name.utf8.count <= 64)
        #expect(name.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F })
    }

    @Test func `The journal is used only while standard error is its stream`() {
        let stream = FileIdentity(device: 8, inode: 4711)
        func choose(_ environment: [String: String], _ standardError: FileIdentity? = stream) -> LogOutput {
            LogOutput.choose(environment: environment, standardError: standardError, processID: 77)
        }
        #expect(choose(["JOURNAL_STREAM": "8:4711"]) == .journal)
        #expect(choose(["JOURNAL_STREAM": "8:4711", "SYSTEMD_EXEC_PID": "77"]) == .journal)
        for other in ["8:4712", "9:4711", "", "8", "8:4711:1", "x:y", "-8:4711"] {
            #expect(choose(["JOURNAL_STREAM": other]) == .standardError)
            #expect(choose(["JOURNAL_STREAM": other, "SYSTEMD_EXEC_PID": "77"]) == .prioritizedStandardError)
        }
        #expect(choose(["SYSTEMD_EXEC_PID": "78"]) == .standardError)
        #expect(choose([:]) == .standardError)
        #expect(choose(["JOURNAL_STREAM": "8:4711"], nil) == .standardError)
    }

    @Test func `The identity of standard error is the kernel's`() throws {
        let identity = try #require(FileIdentity.standardError)
        let link = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/2")
        let inode =
            link.hasPrefix("/")
            ? String(try #require(try FileManager.default.attributesOfItem(atPath: link)[.systemFileNumber] as? UInt64))
            : String(link.drop { $0 != "[" }.dropFirst().dropLast())
        #expect(String(identity.inode) == inode)
    }
}
