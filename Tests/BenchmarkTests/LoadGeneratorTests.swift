import Benchmarking
import Foundation
import Testing

@Suite struct LoadGeneratorTests {
    private static let request = Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"

    /// Runs it against the constant server, and returns what it says and how it ends.
    private func load(_ arguments: [String], expecting answer: String = Self.answer) throws -> (String, Int) {
        let room = try Room()
        let served = try room.write("served", Self.answer)
        let socket = "\(room.path)/socket"
        let server = try ChildProcess(Binaries.path("constant-server"), [socket, served], output: .pipe)
        #expect(server.readLine() == "ready")
        let request = try room.write("request", String(decoding: Self.request, as: UTF8.self))
        let files = [socket, "--request", request, "--answer", try room.write("answer", answer)]
        let generator = try ChildProcess(
            Binaries.path("load-generator"),
            files + ["--warm-up-milliseconds", "1", "--process", "\(server.pid)"] + arguments,
            output: .pipe,
            errors: .nothing
        )
        let text = generator.readAll()
        return (text, generator.wait().status)
    }

    @Test(arguments: [["--connections", "1"], ["--connections", "100"], ["--connections", "7", "--reconnect"]])
    func `It counts the answers, and what they cost`(arguments: [String]) throws {
        let (text, status) = try load(arguments + ["--milliseconds", "20"])
        #expect(status == 0)
        let report = try JSONDecoder().decode(LoadReport.self, from: Data(text.utf8))
        #expect(report.requests > 0)
        #expect(report.seconds >= 0.02)
        #expect(report.serverMicroseconds > 0)
        #expect(report.p50 > 0)
        #expect(report.p50 <= report.p99)
        #expect(report.p99 <= report.maximum)
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 503 No\r\nContent-Length: 3\r\n\r\nabc"])
    func `An answer that is not the expected one ends it`(answer: String) throws {
        #expect(try load(["--milliseconds", "20"], expecting: answer).1 != 0)
    }

    @Test func `The server answers as many requests as come, in whatever pieces`() throws {
        let room = try Room()
        let socket = "\(room.path)/socket"
        let server = try ChildProcess(
            Binaries.path("constant-server"),
            [socket, try room.write("served", Self.answer)],
            output: .pipe
        )
        #expect(server.readLine() == "ready")
        let three = Self.request + Self.request + Self.request
        let answers = try Peer.unixSocket(socket).answer(to: three) { $0.count >= 3 * Self.answer.utf8.count }
        #expect(answers == Array(String(repeating: Self.answer, count: 3).utf8))
    }
}
