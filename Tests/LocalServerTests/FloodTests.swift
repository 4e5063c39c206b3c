import Glibc
import LinuxHost
import LocalServer
import Testing

@Suite("Floods and deaf callers")
struct FloodTests {
    private static func requests(_ target: String, _ count: Int) -> String {
        String(repeating: "GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n", count: count)
    }

    @Test("Who hangs up while it waits for its turn is gone when its turn is over")
    func hangsUpInLine() async throws {
        try await withServer { fixture in
            func requests(_ targets: [String]) -> String {
                targets.map { "GET \($0) HTTP/1.1\r\n\r\n" }.joined()
            }
            // More than have their turns in two looks, each with more than one turn takes.
            let others = try (0..<100).map { _ in try Client(fixture.path) }
            var client: Client? = try Client(fixture.path)
            for client in others + [client!] { #expect(try client.ask("/here").status == 200) }
            let stalling = try Client(fixture.path)
            try stalling.send(requests(["/stall"]))
            try await fixture.stalls()
            for (number, other) in others.enumerated() {
                try other.send(requests(["/1", "/2", "/3", "/4", number == 0 ? "/stall" : "/5", "/6"]))
            }
            try client?.send(requests(["/1", "/2", "/3", "/4", "/hold"]))
            fixture.goOn()
            try await fixture.stalls()
            for number in 1...4 { #expect(try client?.receiveAnswer().body == "/\(number)") }
            client = nil
            fixture.goOn()
            let held = try await fixture.nextHeld()
            for await closed in fixture.closed where closed == held.caller.connection { break }
            for other in others { #expect(try other.receiveAnswer().status == 200) }
        }
    }

    @Test("Who pipelines hundreds of requests has a few answered before the next caller has its own")
    func interleaving() async throws {
        var limits = ServerLimits()
        // The flooder's answers must all fit, so that not the socket holds it back.
        limits.sendBuffer = 200_000
        try await withServer(limits) { fixture in
            let (stalling, flooding, asking) = (
                try Client(fixture.path), try Client(fixture.path), try Client(fixture.path)
            )
            for client in [flooding, asking] { #expect(try client.ask("/here").status == 200) }
            try stalling.send("GET /stall HTTP/1.1\r\n\r\n")
            try await fixture.stalls()
            // The server stands, so that it finds both ready at once when it goes on.
            try flooding.send(Self.requests("/flood", 200))
            try asking.send("GET /ask HTTP/1.1\r\n\r\n")
            fixture.goOn()
            #expect(try asking.receiveAnswer().body == "/ask")
            for _ in 0..<200 { #expect(try flooding.receiveAnswer().body == "/flood") }
            let handled = fixture.handledTargets
            let turn = handled.firstIndex(of: "/ask").map { handled[..<$0].count { $0 == "/flood" } }
            #expect(try #require(turn) <= 4)
            #expect(handled.count { $0 == "/flood" } == 200)
        }
    }

    @Test("Ten thousand requests of a caller that reads nothing: few are answered, and the rest stays the caller's")
    func deafFlooder() async throws {
        try await withServer { fixture in
            let deaf = try Client(fixture.path)
            let flags = fcntl(deaf.descriptor, F_GETFL)
            _ = fcntl(deaf.descriptor, F_SETFL, flags | O_NONBLOCK)
            let flood = Self.requests("/bytes/1000", 10_000)
            let other = try Client(fixture.path)
            // Sent as far as it goes, until the server has taken nothing more for a hundred turns.
            var rest = Array(flood.utf8)[...]
            var idle = 0
            while idle < 100, !rest.isEmpty {
                let count = unsafe rest.withUnsafeBytes { unsafe send(deaf.descriptor, $0.baseAddress, $0.count, 0) }
                if count > 0 { rest = rest.dropFirst(count) }
                idle = count > 0 ? 0 : idle + 1
                #expect(try other.ask("/other").body == "/other")
            }
            // The kernel's buffers of both sides are full: 32 KiB of answers, and the requests behind them.
            #expect(!rest.isEmpty)
            #expect(fixture.handledTargets.count { $0 == "/bytes/1000" } < 40)
        }
    }

    @Test("What a user's callers leave unread is bounded: the connection with the most goes, the others are served")
    func unsentBytes() async throws {
        var limits = ServerLimits()
        limits.unsentBytesPerUser = 200_000
        try await withServer(limits) { fixture in
            let greedy = try Client(fixture.path)
            try greedy.send("GET /bytes/200000 HTTP/1.1\r\n\r\n")
            #expect(String(decoding: try greedy.receive(12), as: UTF8.self) == "HTTP/1.1 200")
            let modest = try Client(fixture.path)
            try modest.send("GET /bytes/120000 HTTP/1.1\r\n\r\n")
            await fixture.connectionEnds()
            #expect(try modest.receiveAnswer().body.utf8.count == 120_000)
            #expect(try greedy.receiveAll().utf8.count < 100_000)
            // What is taken or gone is counted no more.
            for _ in 0..<4 { #expect(try modest.ask("/bytes/150000").body.utf8.count == 150_000) }
        }
    }

    @Test("What lay behind a request is held against nobody when its connection goes for what is unread of the answer")
    func requestsBehindUnread() async throws {
        var limits = ServerLimits()
        limits.unsentBytesPerUser = 100_000
        limits.requestBytesPerUser = 1_000
        try await withServer(limits) { fixture in
            for _ in 0..<20 {
                let deaf = try Client(fixture.path)
                try deaf.send(Self.requests("/bytes/200000", 2))
                await fixture.connectionEnds()
            }
            let slow = try Client(fixture.path)
            try slow.send("GET /whole HTTP/1.1\r\nX: " + String(repeating: "x", count: 400))
            // The server has read the half before it answers another.
            #expect(try Client(fixture.path).ask("/other").status == 200)
            try slow.send("\r\n\r\n")
            #expect(try slow.receiveAnswer().body == "/whole")
        }
    }

    @Test("Forty streams that nobody reads hold no more than their user's share")
    func unreadStreams() async throws {
        var limits = ServerLimits()
        limits.unsentBytesPerUser = 1 << 20
        try await withServer(limits) { fixture in
            let watchers = try (0..<40).map { _ in try Client(fixture.path) }
            for watcher in watchers {
                try watcher.send("GET /hold HTTP/1.1\r\n\r\n")
                let held = try await fixture.nextHeld()
                held.responder.beginStream(contentType: "text/plain")
                held.responder.sendChunk([UInt8](repeating: 0x61, count: 150_000))
            }
            for _ in 0..<20 { await fixture.connectionEnds() }
            #expect(try Client(fixture.path).ask("/other").status == 200)
        }
    }

    @Test("A caller that shut its reading side is no more than a connection that ends")
    func deafSide() async throws {
        try await withServer { fixture in
            let deaf = try Client(fixture.path)
            shutdown(deaf.descriptor, Int32(SHUT_RD))
            try deaf.send("GET /bytes/3000000 HTTP/1.1\r\n\r\n")
            await fixture.connectionEnds()
            #expect(try Client(fixture.path).ask("/other").status == 200)
        }
    }

    @Test("Who goes on sending long after its request was refused is cut off", arguments: ["X: ", ""])
    func endless(head: String) async throws {
        try await withServer { fixture in
            let endless = try Client(fixture.path)
            let start = head.isEmpty ? "POST / HTTP/1.1\r\nContent-Length: 20000\r\n\r\n" : "GET / HTTP/1.1\r\n\(head)"
            try endless.send(start)
            let megabyte = [UInt8](repeating: 0x61, count: 1 << 20)
            #expect(throws: FixtureError.self) { for _ in 0..<4 { try endless.send(megabyte) } }
            await fixture.connectionEnds()
        }
    }
}
