import LocalAPI
import TestSupport
import Testing

@testable import LocalServer

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
