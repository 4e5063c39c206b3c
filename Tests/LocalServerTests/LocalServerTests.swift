import Glibc
import LinuxHost
import LocalAPI
import LocalServer
import Testing

@Suite("The server over its socket")
struct LocalServerTests {
    @Test("A caller is answered again and again on one connection, and known by the kernel's word")
    func keepAlive() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            for number in 1...3 {
                let answer = try client.ask("/\(number)")
                #expect(answer.status == 200)
                #expect(answer.body == "/\(number)")
                #expect(answer.head.contains("\r\nCache-Control: no-store\r\n"))
                #expect(!answer.head.contains("Connection: close"))
            }
            try client.send("GET /hold HTTP/1.1\r\n\r\n")
            let held = try await fixture.nextHeld()
            #expect(held.caller.peer.pid == getpid())
            #expect(held.caller.peer.uid == geteuid())
            #expect(held.caller.peer.gid == getegid())
            #expect(held.caller.role == .token)
            held.responder.send(.text("at last"))
            #expect(try client.receiveAnswer().body == "at last")
        }
    }

    @Test("Pipelined requests are answered in order, though the handler keeps one of them")
    func pipelining() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            try client.send(
                "GET /1 HTTP/1.1\r\n\r\nGET /hold HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\nConnection: close\r\n\r\n"
            )
            let held = try await fixture.nextHeld()
            held.responder.send(.text("/2"))
            held.responder.send(.text("never"))
            #expect(try client.receiveAnswer().body == "/1")
            #expect(try client.receiveAnswer().body == "/2")
            let last = try client.receiveAnswer()
            #expect(last.body == "/3")
            #expect(last.head.contains("\r\nConnection: close\r\n"))
            #expect(try client.receive().isEmpty)
        }
    }

    /// So few answers that none of them has to wait for the client, which would have the server look again anyway.
    @Test("What waited to be read is read to its end, however much it is", arguments: [10, 10_000], [true, false])
    func queued(size: Int, endsAtOnce: Bool) async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            try client.send("GET /hold HTTP/1.1\r\n\r\n")
            let held = try await fixture.nextHeld()
            let body = String(repeating: "x", count: size)
            // More than one look takes, where they are long.
            for _ in 0..<3 { try client.send("POST /length HTTP/1.1\r\nContent-Length: \(size)\r\n\r\n\(body)") }
            if endsAtOnce { client.finishSending() }
            held.responder.send(.text("first"))
            for answer in ["first", "\(size)", "\(size)", "\(size)"] {
                #expect(try client.receiveAnswer().body == answer)
            }
            if !endsAtOnce { client.finishSending() }
            #expect(try client.receive().isEmpty)
        }
    }

    @Test("A request that comes byte by byte is a request")
    func byteByByte() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            for byte in "POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody".utf8 {
                try client.send([byte])
            }
            #expect(try client.receiveAnswer().body == "4")
        }
    }

    @Test(
        "What cannot be read is refused with a document, and the connection ends",
        arguments: [
            ("GET / HTTP/1.1\nHost: x\n\n", 400), ("DELETE / HTTP/1.1\r\n\r\n", 405), ("POST / HTTP/1.1\r\n\r\n", 411),
            ("POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n" + String(repeating: "x", count: 100_000), 413),
            ("GET / HTTP/1.1\r\nExpect: something\r\n\r\n", 417),
            ("GET / HTTP/1.1\r\nX: " + String(repeating: "x", count: 9_000) + "\r\n\r\n", 431),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501), ("GET / HTTP/3.0\r\n\r\n", 505),
        ]
    )
    func refusals(request: String, status: Int) async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            try client.send(request)
            let answer = try client.receiveAnswer()
            #expect(answer.status == status)
            #expect(answer.head.contains("\r\nConnection: close\r\n"))
            let document = try DocumentCoding.decode(ErrorDocument.self, from: Array(answer.body.utf8))
            #expect(document.code == .invalidRequest)
            #expect(document.errorDescription?.isEmpty == false)
            #expect(try client.receive().isEmpty)
        }
    }

    @Test("A caller that finished writing is answered everything it asked")
    func halfClose() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            try client.send("GET /1 HTTP/1.1\r\n\r\nGET /hold HTTP/1.1\r\n\r\nGET /3")
            client.finishSending()
            try await fixture.nextHeld().responder.send(.text("/2"))
            #expect(try client.receiveAnswer().body == "/1")
            #expect(try client.receiveAnswer().body == "/2")
            #expect(try client.receive().isEmpty)
        }
    }

    @Test("A caller that says nothing more and goes away ends its connection")
    func goesAway() async throws {
        try await withServer { fixture in
            do { _ = try Client(fixture.path).ask("/") }
            await fixture.connectionEnds()
        }
    }

    @Test("Who hung up while it waited is told of, and its late answer goes nowhere")
    func lateAnswer() async throws {
        try await withServer { fixture in
            var client: Client? = try Client(fixture.path)
            try client?.send("GET /hold HTTP/1.1\r\n\r\n")
            let held = try await fixture.nextHeld()
            client = nil
            var closed = fixture.closed.makeAsyncIterator()
            #expect(await closed.next() == held.caller.connection)
            // The next connection has the same descriptor, which must not get the answer of the one before.
            let next = try Client(fixture.path)
            held.responder.send(.text("for the one that is gone"))
            #expect(try next.ask("/next").body == "/next")
        }
    }

    @Test("Five hundred callers at once are all answered their own question")
    func manyCallers() async throws {
        CurrentProcess.raiseDescriptorLimit()
        try await withServer { fixture in
            let clients = try (0..<500).map { _ in try Client(fixture.path) }
            for (number, client) in clients.enumerated() {
                try client.send("GET /\(number) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            }
            for (number, client) in clients.enumerated() {
                #expect(try client.receiveAnswer().body == "/\(number)")
            }
            fixture.server.wake()
            #expect(try clients[0].ask("/again").body == "/again")
            #expect(fixture.server.connectionCount == 500)
        }
    }

    @Test("A caller that waits to send its body is told to")
    func expectContinue() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            try client.send("POST /length HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
            #expect(try client.receiveAnswer().status == 100)
            try client.send("abc")
            #expect(try client.receiveAnswer().body == "3")
        }
    }
}

@Suite("The server and slow callers")
struct SlowCallerTests {
    @Test("Who reads nothing of its answer is waited for, disturbs nobody, and ends after the idle time")
    func slowReader() async throws {
        try await withServer { fixture in
            let slow = try Client(fixture.path)
            try slow.send("GET /bytes/4000000 HTTP/1.1\r\n\r\n")
            #expect(String(decoding: try slow.receive(12), as: UTF8.self) == "HTTP/1.1 200")
            let other = try Client(fixture.path)
            for _ in 0..<100 { #expect(try other.ask("/other").status == 200) }
            fixture.advance(by: .seconds(59))
            #expect(try other.ask("/still").status == 200)
            fixture.advance(by: .seconds(2))
            await fixture.connectionEnds()
        }
    }

    @Test("Who reads slowly gets every byte")
    func patientReader() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            try client.send("GET /bytes/3000000 HTTP/1.1\r\n\r\nGET /after HTTP/1.1\r\n\r\n")
            let answer = try client.receiveAnswer()
            #expect(answer.body.utf8.count == 3_000_000)
            #expect(try client.receiveAnswer().body == "/after")
        }
    }

    @Test("A request that is not whole in its time is answered 408")
    func slowRequest() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            // One write, so that the second request's beginning is read with the first.
            try client.send("GET /1 HTTP/1.1\r\n\r\nGET /2 HTT")
            #expect(try client.receiveAnswer().body == "/1")
            fixture.advance(by: .seconds(6))
            let answer = try client.receiveAnswer()
            #expect(answer.status == 408)
            #expect(answer.body.contains("invalid_request"))
            #expect(try client.receive().isEmpty)
        }
    }

    @Test("A connection without a request ends after the idle time, one with a waiting request does not")
    func idle() async throws {
        try await withServer { fixture in
            let waiting = try Client(fixture.path)
            try waiting.send("GET /hold HTTP/1.1\r\n\r\n")
            let held = try await fixture.nextHeld()
            let idle = try Client(fixture.path)
            #expect(try idle.ask("/").status == 200)
            fixture.advance(by: .seconds(61))
            #expect(try idle.receive().isEmpty)
            held.responder.send(.text("patience"))
            #expect(try waiting.receiveAnswer().body == "patience")
        }
    }

    @Test("A watcher gets each chunk as it is sent, and the end")
    func stream() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            try client.send("GET /hold HTTP/1.1\r\n\r\n")
            let held = try await fixture.nextHeld()
            held.responder.beginStream(contentType: "application/x-ndjson")
            var received = ""
            for line in ["{\"a\":1}\n", "\n", "{\"b\":2}\n"] {
                held.responder.sendChunk(Array(line.utf8))
                while !received.hasSuffix(line + "\r\n") {
                    received += String(decoding: try client.receive(), as: UTF8.self)
                }
            }
            held.responder.endStream()
            #expect(try client.receiveAll() == "0\r\n\r\n")
            #expect(received.contains("\r\nTransfer-Encoding: chunked\r\n"))
        }
    }

    @Test("A watcher that reads nothing is ended once too much waits for it")
    func slowWatcher() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            try client.send("GET /hold HTTP/1.1\r\n\r\n")
            let held = try await fixture.nextHeld()
            held.responder.beginStream(contentType: "text/plain")
            for _ in 0..<64 { held.responder.sendChunk([UInt8](repeating: 0x61, count: 65_536)) }
            await fixture.connectionEnds()
            #expect(try !client.receiveAll().hasSuffix("0\r\n\r\n"))
        }
    }
}

@Suite("The server's end")
struct DrainTests {
    @Test("A drain answers what is under way, ends what is idle and ends streams whole")
    func drain() async throws {
        let fixture = try await ServerFixture()
        let idle = try Client(fixture.path)
        #expect(try idle.ask("/").status == 200)
        let watching = try Client(fixture.path)
        try watching.send("GET /hold/stream HTTP/1.1\r\n\r\n")
        try await fixture.nextHeld().responder.beginStream(contentType: "text/plain")
        let waiting = try Client(fixture.path)
        try waiting.send("GET /hold HTTP/1.1\r\n\r\nGET /after HTTP/1.1\r\n\r\n")
        let held = try await fixture.nextHeld()
        fixture.server.beginDrain()
        #expect(try idle.receive().isEmpty)
        #expect(try watching.receiveAll().hasSuffix("\r\n\r\n0\r\n\r\n"))
        held.responder.send(.text("the last"))
        #expect(try waiting.receiveAnswer().body == "the last")
        #expect(try waiting.receive().isEmpty)
        watching.finishSending()
        waiting.finishSending()
        idle.finishSending()
        try await fixture.finish()
        #expect(fixture.server.connectionCount == 0)
    }

    @Test("A request that was sent before the drain is answered, though it was not read yet")
    func sentBefore() async throws {
        let fixture = try await ServerFixture()
        let client = try Client(fixture.path)
        #expect(try client.ask("/").status == 200)
        // Queued behind this request, so that the loop reads it and the drain in one turn or the drain first.
        try client.send("GET /sent HTTP/1.1\r\n\r\n")
        fixture.server.beginDrain()
        #expect(try client.receiveAnswer().body == "/sent")
        client.finishSending()
        try await fixture.finish()
    }

    @Test("Who connected before the drain, and asks then, is answered; who does not is not waited for")
    func firstRequest() async throws {
        let fixture = try await ServerFixture()
        let (late, silent) = (try Client(fixture.path), try Client(fixture.path))
        let asked = try Client(fixture.path)
        // Accepted in the order of their coming.
        #expect(try asked.ask("/").status == 200)
        fixture.server.beginDrain()
        // Its end shows that the drain has begun.
        #expect(try asked.receive().isEmpty)
        #expect(try late.ask("/late").body == "/late")
        fixture.advance(by: ServerLimits().firstRequestTime)
        #expect(try silent.receive().isEmpty)
        for client in [late, silent, asked] { client.finishSending() }
        try await fixture.finish()
    }

    @Test("A drain ends in its time, answered or not")
    func bounded() async throws {
        let fixture = try await ServerFixture()
        let client = try Client(fixture.path)
        try client.send("GET /hold HTTP/1.1\r\n\r\n")
        let held = try await fixture.nextHeld()
        let idle = try Client(fixture.path)
        #expect(try idle.ask("/").status == 200)
        fixture.server.beginDrain()
        // The end of the idle connection shows that the drain has begun.
        #expect(try idle.receive().isEmpty)
        fixture.advance(by: .seconds(2))
        try await fixture.finish()
        #expect(try client.receive().isEmpty)
        held.responder.send(.text("too late"))
    }

    @Test("The loop counts its turns")
    func heartbeat() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            let before = fixture.server.turns
            // It has counted the turn after the first answer when it gives the second.
            _ = try client.ask("/")
            _ = try client.ask("/")
            #expect(fixture.server.turns > before)
        }
    }
}
