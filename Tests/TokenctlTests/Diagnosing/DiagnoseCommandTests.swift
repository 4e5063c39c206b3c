import ArgumentParser
import Diagnosis
import LocalAPI
import Testing

@testable import tokenctl

@Suite("tokenctl diagnose") struct DiagnoseCommandTests {
    private func command(_ arguments: [String], answer: [UInt8], status: String = "200 OK") throws
        -> (DiagnoseCommand, AnsweringSocket)
    {
        let head = "HTTP/1.1 \(status)\r\nContent-Length: \(answer.count)\r\n\r\n"
        let socket = try AnsweringSocket([Array(head.utf8), answer])
        return (try DiagnoseCommand.parse(arguments + ["--socket", socket.path]), socket)
    }

    /// What it exits with.
    private func status(_ command: DiagnoseCommand) -> Int32 {
        do {
            try command.run()
            return 0
        } catch {
            return (error as? ExitCode)?.rawValue ?? -1
        }
    }

    @Test("asks for what the daemon understands the same way")
    func understood() async throws {
        func asked(_ arguments: String...) throws -> APIRequest {
            let path = try DiagnoseCommand.parse(arguments).path
            return try APIRequest.parse(APIRequest.Input(method: .post, target: path), role: .admin)
        }
        #expect(try asked("a b") == .diagnosis(client: "a b", spending: false))
        #expect(try asked("a/b", "--spend") == .diagnosis(client: "a/b", spending: true))
        #expect(throws: (any Error).self) { try DiagnoseCommand.parse([]) }
        #expect(throws: (any Error).self) { try DiagnoseCommand.parse(["a", "--format", "table"]) }
    }

    @Test("exits with 0 for a healthy client and with 1 for another, in every format", arguments: ReportFormat.allCases)
    func statuses(format: ReportFormat) async throws {
        for (report, expected) in [(SampleReport.healthy, 0), (SampleReport.failing, 1)] as [(DiagnosisReport, Int32)] {
            let (command, socket) = try command(
                ["billing", "--format", format.rawValue],
                answer: DocumentCoding.encode(report)
            )
            #expect(status(command) == expected)
            var requests = socket.requests.makeAsyncIterator()
            let sent = try #require(await requests.next())
            #expect(sent.hasPrefix("POST /v1/clients/billing/diagnose HTTP/1.1\r\n"))
        }
    }

    @Test("fails as the daemon says")
    func refused() throws {
        let refusal = Array(#"{"error":"unknown_client","error_description":"no such client"}"#.utf8)
        for (answer, line, expected) in [(refusal, "404 Not Found", 66), (Array("{}".utf8), "200 OK", 70)] {
            let (command, socket) = try command(["x"], answer: answer, status: line)
            #expect(status(command) == Int32(expected))
            withExtendedLifetime(socket) {}
        }
        #expect(status(try DiagnoseCommand.parse(["x", "--socket", "/nowhere/none.sock"])) == 69)
    }
}
