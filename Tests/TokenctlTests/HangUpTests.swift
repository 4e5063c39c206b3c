import Testing

@testable import tokenctl

@Suite("A daemon that stops before it answers")
struct HangUpTests {
    private static let answer = ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntoken"].map { Array($0.utf8) }

    @Test("is asked once more for what changes nothing")
    func question() async throws {
        let socket = try AnsweringSocket(Self.answer, afterSilent: 1)
        #expect(try BrokerClient(socket: socket.path).get("/v1/token/billing") == Array("token".utf8))
        var requests = socket.requests.makeAsyncIterator()
        #expect(await requests.next() == "")
        #expect(await requests.next()?.hasPrefix("GET /v1/token/billing ") == true)
    }

    @Test("is told to be away when it does so twice")
    func twice() throws {
        let socket = try AnsweringSocket(Self.answer, afterSilent: 2)
        let client = BrokerClient(socket: socket.path)
        #expect(throws: Failure.noAnswer(socket.path)) { try client.get("/v1/token/billing") }
        #expect(Failure.noAnswer(socket.path).exitStatus == 69)
        #expect(try client.get("/v1/token/billing") == Array("token".utf8))
    }

    @Test("is not given a command twice")
    func command() throws {
        let socket = try AnsweringSocket(Self.answer, afterSilent: 1)
        #expect(throws: Failure.noAnswer(socket.path)) {
            try BrokerClient(socket: socket.path).post("/v1/clients/billing/refresh")
        }
    }

    @Test("may have said why before it hung up")
    func refusal() throws {
        let refusal = #"{"error":"too_many_requests","error_description":"too many connections","format_version":1}"#
        let head = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: \(refusal.utf8.count)\r\n\r\n"
        let socket = try AnsweringSocket([Array((head + refusal).utf8)])
        let failure = #expect(throws: Failure.self) { try BrokerClient(socket: socket.path).get("/v1/token/billing") }
        #expect(failure?.exitStatus == 75)
    }
}
