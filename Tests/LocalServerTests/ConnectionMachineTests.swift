import LocalAPI
import TestSupport
import Testing

@testable import LocalServer

/// A machine and a clock that stands until it is told to go.
private struct Conversation {
    var machine: ConnectionMachine
    var now: Duration = .seconds(100)

    init(limits: ServerLimits = ServerLimits()) { machine = ConnectionMachine(limits: limits, now: now) }

    mutating func hears(_ text: String) -> ConnectionMachine.Step {
        machine.received(Array(text.utf8)[...], now: now)
        return machine.next()
    }

    mutating func hearsEnd() -> ConnectionMachine.Step {
        machine.receivedEnd()
        return machine.next()
    }

    mutating func answers(_ text: String, to number: UInt32? = nil) {
        machine.answered(Array(text.utf8), to: number ?? machine.requestNumber)
    }

    /// What the machine has to say, up to `count` bytes, which the peer takes.
    mutating func says(_ count: Int = .max) -> String {
        let text = unsafe machine.withPendingOutput { unsafe String(decoding: $0.prefix(count), as: UTF8.self) }
        machine.wrote(text.utf8.count, now: now)
        return text
    }

    /// The status of the refusal that the machine has to say.
    mutating func saysStatus() -> Int? { says().split(separator: " ").dropFirst().first.flatMap { Int($0) } }
}

private func get(_ target: String, keepsAlive: Bool = true) -> ConnectionMachine.Step {
    .handle(HTTPRequest(method: .get, target: target, keepsAlive: keepsAlive))
}

@Suite("A connection's decisions")
struct ConnectionMachineTests {
    @Test("An answer is written, and the next request is read")
    func keepAlive() {
        var conversation = Conversation()
        for target in ["/a", "/b"] {
            #expect(conversation.hears("GET \(target) HTTP/1.1\r\n\r\n") == get(target))
            #expect(!conversation.machine.wantsToRead)
            conversation.answers("answer")
            #expect(conversation.says() == "answer")
            #expect(conversation.machine.next() == .wait)
            #expect(conversation.machine.wantsToRead)
        }
    }

    @Test("What is pipelined is handed over one by one, each after the answer before it")
    func pipelining() {
        var conversation = Conversation()
        #expect(conversation.hears("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\nGET /c") == get("/a"))
        #expect(conversation.machine.next() == .wait)
        conversation.answers("a")
        #expect(conversation.machine.next() == .wait, "the answer is not written yet")
        #expect(conversation.says() == "a")
        #expect(conversation.machine.next() == get("/b"))
        conversation.answers("b")
        #expect(conversation.says() == "b")
        #expect(conversation.machine.next() == .wait)
        #expect(conversation.hears(" HTTP/1.1\r\n\r\n") == get("/c"))
    }

    @Test("A second answer to a request is not taken for the answer to the next")
    func answeredTwice() {
        var conversation = Conversation()
        _ = conversation.hears("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n")
        let first = conversation.machine.requestNumber
        conversation.answers("a")
        conversation.answers("again")
        #expect(conversation.says() == "a")
        #expect(conversation.machine.next() == get("/b"))
        conversation.answers("late", to: first)
        conversation.machine.streamBegan(contentType: "text/plain", of: first)
        #expect(!conversation.machine.hasOutput)
        conversation.answers("b")
        #expect(conversation.says() == "b")
    }

    @Test("An answer the peer takes in pieces is written to its end before anything is read")
    func partialWrites() {
        var conversation = Conversation()
        _ = conversation.hears("GET / HTTP/1.1\r\n\r\n")
        conversation.answers("0123456789")
        #expect(conversation.says(4) == "0123")
        #expect(!conversation.machine.wantsToRead)
        #expect(conversation.machine.next() == .wait)
        #expect(conversation.says(5) == "45678")
        #expect(conversation.says() == "9")
        #expect(conversation.machine.next() == .wait)
        #expect(conversation.machine.wantsToRead)
    }

    @Test("Connection: close is obeyed: the answer, the end, and a moment for the peer to read it")
    func connectionClose() {
        var conversation = Conversation()
        #expect(
            conversation.hears("GET / HTTP/1.1\r\nConnection: close\r\n\r\n") == get("/", keepsAlive: false)
        )
        conversation.answers("answer")
        #expect(conversation.says() == "answer")
        #expect(conversation.machine.next() == .shutDownWriting)
        #expect(conversation.machine.next() == .wait)
        #expect(conversation.hears("GET /ignored HTTP/1.1\r\n\r\n") == .wait)
        #expect(conversation.hearsEnd() == .close)
    }

    @Test("A peer that finished writing is answered everything it asked, then the connection ends")
    func halfClose() {
        var conversation = Conversation()
        #expect(conversation.hears("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\nGET /c") == get("/a"))
        #expect(conversation.hearsEnd() == .wait)
        conversation.answers("a")
        _ = conversation.says()
        #expect(conversation.machine.next() == get("/b"))
        conversation.answers("b")
        _ = conversation.says()
        #expect(conversation.machine.next() == .close)
    }

    @Test("A malformed request is answered and the connection ends; what follows is not read as a request")
    func malformed() {
        var conversation = Conversation()
        #expect(conversation.hears("GET / HTTP/1.1\nGET /x HTTP/1.1\r\n\r\n") == .wait)
        let answer = conversation.says()
        #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(answer.contains("\r\nConnection: close\r\n"))
        #expect(answer.contains("\r\nCache-Control: no-store\r\n"))
        #expect(answer.contains(#""error":"invalid_request""#))
        #expect(conversation.machine.next() == .shutDownWriting)
        #expect(conversation.hears("GET / HTTP/1.1\r\n\r\n") == .wait)
        #expect(conversation.machine.heldBytes == 0)
    }

    @Test("A peer that goes on sending after a refusal is cut off")
    func lingeringIsBounded() {
        var conversation = Conversation()
        _ = conversation.hears("DELETE / HTTP/1.1\r\n\r\n")
        #expect(conversation.saysStatus() == 405)
        #expect(conversation.machine.next() == .shutDownWriting)
        var step = ConnectionMachine.Step.wait
        var sent = 0
        while step == .wait, sent < 1 << 20 {
            step = conversation.hears(String(repeating: "x", count: 16_384))
            sent += 16_384
        }
        #expect(step == .close)
    }

    @Test("Who waits to be told to send the body is told so, then its request is handed over")
    func expectContinue() {
        var conversation = Conversation()
        #expect(
            conversation.hears("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n") == .wait
        )
        #expect(conversation.says() == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(conversation.machine.next() == .wait)
        var expected = HTTPRequest(method: .post, target: "/", keepsAlive: true)
        expected.body = Array("ab".utf8)
        #expect(conversation.hears("ab") == .handle(expected))
    }

    @Test("A refusal never stands before an answer that is owed")
    func refusalWhileAnswering() {
        var conversation = Conversation()
        _ = conversation.hears("GET / HTTP/1.1\r\n\r\nGET /partial")
        conversation.machine.refuse(APIError(.tooManyRequests, "too much"))
        #expect(!conversation.machine.hasOutput)
        #expect(conversation.machine.next() == .close)
    }
}

@Suite("A connection's streams")
struct ConnectionStreamTests {
    @Test("A stream is chunked, and its end ends the connection")
    func chunked() {
        var conversation = Conversation()
        _ = conversation.hears("GET / HTTP/1.1\r\n\r\n")
        let number = conversation.machine.requestNumber
        conversation.machine.streamBegan(contentType: "application/x-ndjson", of: number)
        conversation.machine.streamed(Array("{}\n".utf8), of: number)
        conversation.machine.streamed([], of: number)
        conversation.machine.streamed([UInt8](repeating: 0x61, count: 16), of: number)
        conversation.machine.streamEnded(of: number)
        conversation.machine.streamed(Array("late".utf8), of: number)
        #expect(
            conversation.says()
                == "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nCache-Control: no-store\r\n"
                + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                + "3\r\n{}\n\r\n10\r\naaaaaaaaaaaaaaaa\r\n0\r\n\r\n"
        )
        #expect(conversation.machine.next() == .shutDownWriting)
    }

    @Test("An HTTP/1.0 peer gets the stream as it is")
    func unchunked() {
        var conversation = Conversation()
        _ = conversation.hears("GET / HTTP/1.0\r\n\r\n")
        let number = conversation.machine.requestNumber
        conversation.machine.streamBegan(contentType: "text/plain", of: number)
        conversation.machine.streamed(Array("line\n".utf8), of: number)
        conversation.machine.streamEnded(of: number)
        #expect(
            conversation.says()
                == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\n"
                + "Connection: close\r\n\r\nline\n"
        )
    }

    @Test("A reader too far behind is cut off, one that keeps up is not")
    func slowReader() {
        var limits = ServerLimits()
        limits.pendingBytes = 1_000
        var conversation = Conversation(limits: limits)
        _ = conversation.hears("GET / HTTP/1.1\r\n\r\n")
        let number = conversation.machine.requestNumber
        conversation.machine.streamBegan(contentType: "text/plain", of: number)
        for _ in 0..<100 {
            conversation.machine.streamed([UInt8](repeating: 0x61, count: 500), of: number)
            _ = conversation.says()
        }
        #expect(conversation.machine.next() == .wait)
        for _ in 0..<3 { conversation.machine.streamed([UInt8](repeating: 0x61, count: 500), of: number) }
        #expect(conversation.machine.next() == .close)
    }

    @Test("A drain ends the stream whole")
    func drain() {
        var conversation = Conversation()
        _ = conversation.hears("GET / HTTP/1.1\r\n\r\n")
        conversation.machine.streamBegan(contentType: "text/plain", of: conversation.machine.requestNumber)
        _ = conversation.says()
        conversation.machine.beginDrain()
        #expect(conversation.says() == "0\r\n\r\n")
        #expect(conversation.machine.next() == .shutDownWriting)
    }
}

@Suite("A connection's deadlines")
struct ConnectionDeadlineTests {
    @Test("A connection without a request ends in silence after the idle time")
    func idle() {
        var conversation = Conversation()
        #expect(conversation.machine.deadline == .seconds(160))
        _ = conversation.hears("GET / HTTP/1.1\r\n\r\n")
        #expect(conversation.machine.deadline == nil, "the handler has as long as it likes")
        conversation.answers("a")
        conversation.now = .seconds(130)
        _ = conversation.says()
        #expect(conversation.machine.next() == .wait)
        #expect(conversation.machine.deadline == .seconds(190))
        conversation.machine.deadlinePassed()
        #expect(!conversation.machine.hasOutput)
        #expect(conversation.machine.next() == .close)
    }

    @Test("A request has five seconds from its first byte, however many follow one by one")
    func slowRequest() {
        var conversation = Conversation()
        for character in "GET / HTTP/1.1\r\nHost" {
            _ = conversation.hears(String(character))
            #expect(conversation.machine.deadline == .seconds(105))
            conversation.now += .milliseconds(100)
        }
        conversation.machine.deadlinePassed()
        #expect(conversation.saysStatus() == 408)
        #expect(conversation.machine.next() == .shutDownWriting)
        #expect(conversation.machine.deadline == conversation.now + .seconds(1))
        conversation.machine.deadlinePassed()
        #expect(conversation.machine.next() == .close)
    }

    @Test("A body that does not come is a request that does not come")
    func slowBody() {
        var conversation = Conversation()
        _ = conversation.hears("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n")
        #expect(conversation.machine.deadline == .seconds(105))
    }

    @Test("A request that began behind another has its whole time from that one's answer on")
    func pipelinedPart() {
        var conversation = Conversation()
        _ = conversation.hears("GET /a HTTP/1.1\r\n\r\nGET /b")
        #expect(conversation.machine.deadline == nil)
        conversation.now = .seconds(110)
        conversation.answers("a")
        _ = conversation.says()
        #expect(conversation.machine.next() == .wait)
        #expect(conversation.machine.deadline == .seconds(115))
    }

    @Test("A reader that takes nothing ends; each byte taken gives it new time")
    func slowReader() {
        var conversation = Conversation()
        _ = conversation.hears("GET / HTTP/1.1\r\n\r\n")
        conversation.answers("answer")
        #expect(conversation.machine.deadline == .seconds(160))
        conversation.now = .seconds(150)
        _ = conversation.says(1)
        #expect(conversation.machine.deadline == .seconds(210))
        conversation.machine.deadlinePassed()
        #expect(conversation.machine.next() == .close)
    }

    @Test(
        "A drain ends what is idle, and finishes what is under way",
        arguments: [("GET / HT", true), ("GET / HTTP/1.1\r\n\r\n", true), ("GET / HTTP/1.1\r\n\r\n", false)]
    )
    func drain(sent: String, isUnderWay: Bool) {
        var conversation = Conversation()
        _ = conversation.hears(sent)
        if !isUnderWay {
            conversation.answers("answer")
            #expect(conversation.says() == "answer")
        }
        conversation.machine.beginDrain()
        #expect((conversation.machine.next() == .close) != isUnderWay)
        if case .answering = conversation.machine.phase {
            conversation.answers("answer")
            #expect(conversation.says() == "answer")
            #expect(conversation.machine.next() == .shutDownWriting)
        }
    }
}

@Suite("Random conversations")
struct ConnectionWalkTests {
    /// What happened so far: every request handed over, and what of the answers the peer took.
    private struct Ledger {
        var handled = 0
        var answered = 0
        var taken = ""
    }

    @Test("Whatever the order of events: one request at a time, answers in order, each once, and never beyond an end")
    func walk() {
        var generator = SeededGenerator(seed: 41)
        var ends = 0
        for _ in 0..<3_000 {
            let count = Int.random(in: 1...5, using: &generator)
            let requests = (1...count).map { "GET /\($0) HTTP/1.1\r\n\r\n" }.joined()
            var unsent = Array(requests.utf8)[...]
            var conversation = Conversation()
            var ledger = Ledger()
            var isHandling = false
            for _ in 0..<300 where conversation.machine.phase != .over {
                switch Int.random(in: 0..<5, using: &generator) {
                case 0, 1:
                    guard conversation.machine.wantsToRead, !unsent.isEmpty else { break }
                    let piece = unsent.prefix(Int.random(in: 1...30, using: &generator))
                    unsent = unsent.dropFirst(piece.count)
                    conversation.machine.received(piece, now: conversation.now)
                case 2:
                    guard isHandling else { break }
                    isHandling = false
                    ledger.answered += 1
                    conversation.answers("<\(ledger.answered)>")
                case 3:
                    ledger.taken += conversation.says(Int.random(in: 1...4, using: &generator))
                default:
                    conversation.now += .milliseconds(10)
                }
                if case .handle(let request) = conversation.machine.next() {
                    #expect(!isHandling && !conversation.machine.hasOutput)
                    isHandling = true
                    ledger.handled += 1
                    #expect(request.target == "/\(ledger.handled)")
                }
            }
            if ledger.answered == count { ends += 1 }
            ledger.taken += conversation.says()
            #expect(ledger.taken == (1...count).prefix(ledger.answered).map { "<\($0)>" }.joined())
        }
        #expect(ends > 2_000, "most walks must reach their last answer")
    }

    @Test("A drain waits a moment for the first request of who just connected")
    func firstRequest() {
        var conversation = Conversation()
        conversation.machine.beginDrain()
        #expect(conversation.machine.next() == .wait)
        #expect(conversation.machine.deadline == .seconds(100) + ServerLimits().firstRequestTime)
        guard case .handle = conversation.hears("GET / HTTP/1.1\r\n\r\n") else {
            Issue.record("not asked")
            return
        }
        conversation.answers("answer")
        #expect(conversation.says() == "answer")
        #expect(conversation.machine.next() == .shutDownWriting)

        var silent = Conversation()
        silent.machine.beginDrain()
        silent.machine.deadlinePassed()
        #expect(!silent.machine.hasOutput && silent.machine.next() == .close)
    }
}
