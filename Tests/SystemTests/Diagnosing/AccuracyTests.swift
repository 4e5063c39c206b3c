import Diagnosis
import Foundation
import LocalAPI
import MockAuthorizationServer
import TestNetwork
import Testing

/// Each fault of the laboratory befalls a client of the real daemon, and `tokenctl diagnose` names its cause: the table in
/// the README.
@Suite("A diagnosis", .timeLimit(.minutes(15))) struct AccuracyTests {
    /// What a diagnosis made of a fault.
    private struct Verdict {
        let fault: LaboratoryFault
        let report: DiagnosisReport

        /// Whether the operator let requests be billed.
        var isBilled = false

        /// From 1; nil when it is not among the causes.
        var place: Int? { report.causes.firstIndex { $0.id == fault.cause }.map { $0 + 1 } }

        /// Whether it is first, or among those of which the report says that no probe tells them apart.
        var leads: Bool { place == 1 || report.inseparable.contains(fault.cause) }

        var isShared: Bool { report.inseparable.count > 1 && report.inseparable.contains(fault.cause) }

        /// For whom has to find out why it is wrong.
        var summary: String {
            let causes = report.causes.prefix(4).map { "\($0.id) (\($0.confidence.rawValue)): \($0.evidence)" }
            let probes = report.probes.map { "\($0.name): \($0.learned)" }
            return ([report.failure.map { "\($0)" } ?? "no failure"] + causes + probes).joined(separator: "\n")
        }

        var row: String {
            let verdict =
                isShared
                ? report.inseparable.map { "`\($0)`" }.joined(separator: " or ")
                : report.causes.first.map { "`\($0.id)`, \($0.confidence.rawValue)" } ?? "healthy"
            return "| \(fault.summary) | \(verdict)\(isBilled ? ", with `--spend`" : "") | \(report.probes.count) |"
        }
    }

    @Test("puts the true cause first, at every provider")
    func accuracy() async throws {
        try await withAuthority { authority in
            let room = try Room()
            let key = authority.path("signing.pem")
            let made = try await Command.run(
                "openssl",
                ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key]
            )
            try #require(made.status == 0, "\(made.errors)")
            // Some providers take a redirect to a fixed port alone; this one was free just now.
            let brief = try await MockAuthorizationServer.start()
            let redirectPort = brief.port
            await brief.stop()
            var staged: [StagedCause] = []
            for (number, fault) in LaboratoryFault.all.filter(\.isMetByDaemon).enumerated() {
                let certificate: TLSFiles? =
                    switch fault.cause {
                    case "server_certificate_expired": try await authority.expiredFiles(for: "IP:127.0.0.1")
                    case "server_certificate_for_another_name": try await authority.files(for: "DNS:other.example.test")
                    case "server_certificate_untrusted": try await authority.files(for: "IP:127.0.0.1")
                    default: nil
                    }
                let isTrusted = certificate != nil && fault.cause != "server_certificate_untrusted"
                staged.append(
                    try await StagedCause(
                        fault,
                        number: number % 100,
                        in: room,
                        certificate: certificate,
                        authority: isTrusted ? authority.certificate : nil,
                        key: key,
                        redirectPort: redirectPort
                    )
                )
            }
            try room.configure(staged.map(\.configuration).joined())
            var verdicts: [Verdict] = []
            try await withDaemon(in: room, environment: ["RES_OPTIONS": "timeout:1 attempts:1"]) { _ in
                for cause in staged {
                    try await cause.bringAbout(in: room)
                    verdicts.append(try await verdict(on: cause.fault, in: room))
                }
            }
            for verdict in verdicts {
                let isRight =
                    verdict.fault.provider == "cognito" ? verdict.leads : (verdict.place ?? 9) <= 2 || verdict.leads
                #expect(isRight, "\(verdict.fault.name) is \(verdict.fault.cause):\n\(verdict.summary)")
            }
            for cause in staged { await cause.server.stop() }
            let (summary, detail) = (
                summary(of: verdicts), detail(of: verdicts.filter { $0.fault.provider == "cognito" })
            )
            for line in summary + detail { print(line) }
            try ReadmeSection(name: "accuracy").expect(summary)
            try ReadmeSection(name: "cognito").expect(detail)
        }
    }

    /// What can be told for nothing; where that leaves it open, and the provider bills what would tell, that too.
    private func verdict(on fault: LaboratoryFault, in room: Room) async throws -> Verdict {
        let free = Verdict(fault: fault, report: try await diagnose(fault, in: room))
        guard free.isShared, ["cognito", "auth0"].contains(fault.provider), fault.grants.first == .clientCredentials
        else { return free }
        let billed = Verdict(fault: fault, report: try await diagnose(fault, "--spend", in: room), isBilled: true)
        return billed.isShared ? free : billed
    }

    private func diagnose(
        _ fault: LaboratoryFault,
        _ options: String...,
        in room: Room
    ) async throws -> DiagnosisReport {
        let command = try await Command.run(
            Binaries.tokenctl,
            ["diagnose", fault.name, "--format", "json"] + options,
            environment: room.socketVariables
        )
        return try DocumentCoding.decode(DiagnosisReport.self, from: Array(command.output.utf8))
    }

    private func summary(of verdicts: [Verdict]) -> [String] {
        var lines = [
            "| Provider | Faults | True cause first | Among causes that no probe tells apart | Second | Probes, on average |",
            "|---|---|---|---|---|---|",
        ]
        for provider in verdicts.map(\.fault.provider).uniqued {
            let some = verdicts.filter { $0.fault.provider == provider }
            let alone = some.filter { $0.place == 1 && !$0.isShared }.count
            let shared = some.filter(\.isShared).count
            let second = some.filter { $0.place == 2 && !$0.isShared }.count
            let probes = some.map(\.report.probes.count).reduce(0, +) * 10 / max(1, some.count)
            lines.append(
                "| \(provider) | \(some.count) | \(alone) | \(shared) | \(second) | \(probes / 10).\(probes % 10) |"
            )
        }
        return lines
    }

    private func detail(of verdicts: [Verdict]) -> [String] {
        ["| Fault at Cognito | Verdict | Probes |", "|---|---|---|"] + verdicts.map(\.row)
    }
}

extension [String] {
    /// Each once, in the order of the first.
    fileprivate var uniqued: [String] {
        reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
