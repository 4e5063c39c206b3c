import ArgumentParser
import LocalAPI
import Testing

@testable import tokenctl

@Suite("The audit on a terminal") struct AuditTextTests {
    private func event(
        client: String? = "billing",
        command: String? = nil,
        scope: String? = nil,
        allowed: Bool = true,
        reason: String = "rule",
        rule: Int? = nil,
        outcome: String? = nil,
        token: String? = nil,
        count: Int = 1,
        unit: String? = nil
    ) -> AuditEvent {
        AuditEvent(
            sequence: 12,
            event: command == nil ? "fetch" : "command",
            command: command,
            at: 1_782_907_200,
            lastAt: 1_782_907_260,
            count: count,
            socket: "token",
            caller: AuditEvent.Caller(uid: 1_000, gid: 1_000, pid: 42, unit: unit, userUnit: nil),
            client: client,
            scope: scope,
            audience: nil,
            resource: nil,
            allowed: allowed,
            reason: reason,
            rule: rule,
            outcome: outcome,
            token: token
        )
    }

    @Test("says when, who, what and how it ended, on one line")
    func lines() {
        let fetch = event(
            scope: "read",
            rule: 2,
            outcome: "served",
            token: "00ff",
            count: 3,
            unit: "billing.service"
        )
        #expect(
            EventText.line(fetch) == "12  2026-07-01 12:00:00 UTC  uid 1000 pid 42 billing.service  "
                + "fetch billing scope \"read\" allowed (rule 2) served token 00ff  "
                + "(3x, last 2026-07-01 12:01:00 UTC)"
        )
        #expect(
            EventText.line(event(allowed: false, reason: "unknown_client"))
                == "12  2026-07-01 12:00:00 UTC  uid 1000 pid 42  fetch billing refused (unknown_client)"
        )
        #expect(
            EventText.line(event(client: nil, command: "rekey", reason: "admin_group"))
                == "12  2026-07-01 12:00:00 UTC  uid 1000 pid 42  rekey allowed (admin_group)"
        )
    }

    @Test("a caller's words paint nothing", arguments: ["\u{1B}[31m", "a\nb", "\u{202E}gnillib", "\u{7F}", "\u{85}"])
    func hostile(name: String) {
        let line = EventText.line(event(client: name, scope: name, unit: "\(name).service"))
        let painted = line.unicodeScalars.contains {
            [.control, .format, .lineSeparator].contains($0.properties.generalCategory)
        }
        #expect(!painted)
    }

    @Test("a user's name for its cgroup paints nothing")
    func hostileUnit() {
        let process = WhyDocument.Process(
            pid: 7,
            uid: 1_000,
            gid: 1_000,
            groups: [],
            unit: nil,
            userUnit: "\u{1B}[2Jsync.service",
            unitObstacle: nil
        )
        let why = WhyDocument(
            client: "billing",
            allowed: false,
            reason: "no_rule_matches",
            rule: nil,
            summary: "no rule fits this process",
            process: process,
            rules: []
        )
        #expect(
            WhyCommand.lines(why)[1]
                == "process 7: uid 1000, gid 1000, unit ?[2Jsync.service of the user's own manager"
        )
    }

    @Test("events are asked for in the daemon's words")
    func path() throws {
        #expect(try EventsCommand.parse([]).path == "/v1/events")
        #expect(try EventsCommand.parse(["--since", "7", "--follow"]).path == "/v1/events?since=7&follow=true")
        #expect(throws: (any Error).self) { try EventsCommand.parse(["--since", "yesterday"]) }
    }

    @Test("lines come whole, however they were cut")
    func pieces() {
        var reader = LineReader()
        #expect(reader.add(Array("a".utf8)).isEmpty)
        #expect(reader.add(Array("b\n\ncd".utf8)) == [Array("ab".utf8), []])
        #expect(reader.add([0x0A]) == [Array("cd".utf8)])
    }

    @Test("why shows the verdict, the process and each rule")
    func why() {
        let document = WhyDocument(
            client: "billing",
            allowed: false,
            reason: "no_rule_matches",
            rule: nil,
            summary: "no rule fits this process",
            process: WhyDocument.Process(
                pid: 7,
                uid: 1_000,
                gid: 1_000,
                groups: [4, 27],
                unit: "other.service",
                userUnit: nil,
                unitObstacle: nil
            ),
            rules: [
                WhyDocument.Rule(
                    rule: 1,
                    text: #"{ unit = "billing.service" }"#,
                    fits: false,
                    because: "it runs in another unit"
                )
            ]
        )
        #expect(
            WhyCommand.lines(document) == [
                "refused: no rule fits this process",
                "process 7: uid 1000, gid 1000, groups 4,27, unit other.service",
                "rules of billing:",
                #"  1  { unit = "billing.service" }  it runs in another unit"#,
            ]
        )
    }
}
