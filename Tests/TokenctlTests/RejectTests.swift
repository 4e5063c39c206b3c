import ArgumentParser
import LinuxHost
import LocalAPI
import OAuth2
import Testing

@testable import tokenctl

@Suite("tokenctl reject") struct RejectTests {
    private func failure(_ body: () throws(Failure) -> some Any) -> Failure? {
        do throws(Failure) {
            _ = try body()
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "takes the token from standard input, without the end of its line",
        arguments: [
            ("abc", "abc"), ("abc\n", "abc"), ("abc\r\n", "abc"), ("abc\n\n", "abc"),
            ("a.b-c_d~e+f/g==\n", "a.b-c_d~e+f/g=="),
            ("!\"\\~", "!\"\\~"),
        ]
    )
    func token(input: String, token: String) throws {
        #expect(try RejectedToken.token(in: Array(input.utf8)) == Secret(token))
    }

    @Test("wants one: nothing is a mistake of usage", arguments: ["", "\n", "\r\n", "\n\n\n"])
    func empty(input: String) throws {
        let told = try #require(failure { () throws(Failure) in try RejectedToken.token(in: Array(input.utf8)) })
        #expect(told.exitStatus == 64 && told.what == "standard input is empty")
        #expect(told.remedy?.contains("tokenctl reject CLIENT") == true)
    }

    @Test(
        "takes nothing else for a token, and does not show what it was",
        arguments: [
            "hunter2 hunter2", " hunter2", "hunter2\nhunter2\n", "\thunter2", "Authorization: Bearer hunter2\n",
            "{\n  \"access_token\": \"hunter2\"\n}\n", "hunter2\u{0}", "hünter2", "hunter2\u{7F}",
        ]
    )
    func noToken(input: String) throws {
        let told = try #require(failure { () throws(Failure) in try RejectedToken.token(in: Array(input.utf8)) })
        #expect(told.exitStatus == 64 && told.what == "standard input holds no bare token")
        #expect(!"\(told)".contains("nter2"))
    }

    @Test("does not wait for a terminal, where the token would stay to be seen")
    func terminal() throws {
        let told = try #require(failure { () throws(Failure) in try RejectedToken.read(isTerminal: true) })
        #expect(told.exitStatus == 64 && told.what == "standard input is a terminal" && told.remedy != nil)
    }

    @Test("takes no token for an argument")
    func arguments() throws {
        #expect(throws: (any Error).self) { try RejectCommand.parse(["billing", "token"]) }
        #expect(throws: (any Error).self) { try RejectCommand.parse([]) }
        #expect(try RejectCommand.parse(["billing", "--socket", "/a.sock"]).connection.socket == "/a.sock")
    }

    @Test("asks for what the daemon understands the same way")
    func understood() async throws {
        let socket = try AnsweringSocket([
            Array("HTTP/1.1 202 Accepted\r\nContent-Length: 58\r\n\r\n".utf8),
            Array(#"{"client":"a b","format_version":1,"refreshing":true}"#.utf8) + Array("     ".utf8),
        ])
        let path = try RejectCommand.parse(["a b"]).path
        let token = #"a/b+"c\"#
        let body = try BrokerClient(socket: socket.path).post(path, document: RejectedTokenDocument(accessToken: token))
        #expect(
            try DocumentCoding.read(RejectionDocument.self, body) == RejectionDocument(client: "a b", refreshing: true)
        )
        var requests = socket.requests.makeAsyncIterator()
        let sent = try #require(await requests.next())
        let parts = sent.split(separator: "\r\n\r\n").map(String.init)
        let head =
            "POST /v1/token/a%20b/rejected HTTP/1.1\r\nHost: localhost\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(parts[1].utf8.count)"
        #expect(parts[0] == head)
        let input = APIRequest.Input(
            method: .post,
            target: path,
            contentType: "application/json",
            body: Array(parts[1].utf8)
        )
        guard case .rejected(client: "a b", let report) = try APIRequest.parse(input, role: .token) else {
            Issue.record("no report")
            return
        }
        #expect(try report.token() == Secret(token))
    }

    @Test("says what the daemon does about it")
    func line() {
        #expect(
            RejectCommand.line(RejectionDocument(client: "billing", refreshing: true))
                == "billing: another token is being asked for"
        )
        #expect(
            RejectCommand.line(RejectionDocument(client: "billing", refreshing: false))
                == "billing: nothing is asked for: the token is not the current one, was reported before, "
                + "or its server is left alone for now"
        )
    }

    @Test("fails as the daemon says")
    func refused() throws {
        let document = #"{"client":"billing","error":"too_many_requests","error_description":"six","retry_after":9}"#
        let socket = try AnsweringSocket([
            Array("HTTP/1.1 429 Too Many Requests\r\nContent-Length: \(document.utf8.count)\r\n\r\n\(document)".utf8)
        ])
        let told = failure { () throws(Failure) in
            try BrokerClient(socket: socket.path).post("/", document: RejectedTokenDocument(accessToken: "a"))
        }
        #expect(told?.exitStatus == 75 && told?.what == "billing: too_many_requests: six")
    }
}
