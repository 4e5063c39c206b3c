import LocalAPI
import TestSupport
import Testing

@testable import LocalServer

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
                    conversation.machine.received(piece.span, now: conversation.now)
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
