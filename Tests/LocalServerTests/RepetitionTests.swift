import LinuxHost
import LocalAPI
import Testing

@testable import LocalServer

/// Requests that a connection repeats byte for byte.
@Suite("A repeated request", .timeLimit(.minutes(5)))
struct RepetitionTests {
    private static let request = "GET /written/1200 HTTP/1.1\r\nHost: localhost\r\n\r\n"

    private func ask(_ client: Client, _ request: String = request) throws -> ReceivedAnswer {
        try client.send(request)
        return try client.receiveAnswer()
    }

    @Test("is handled once, and answered each time")
    func repeated() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            let first = try ask(client)
            #expect(first.status == 200 && first.body.count == 1_200)
            for _ in 0..<50 { #expect(try ask(client) == first) }
            #expect(fixture.handledTargets.count == 1 && fixture.repetitions == 50)
        }
    }

    @Test("is handled anew when its answer does not stand any more, and repeated again from then on")
    func outdated() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            let first = try ask(client)
            fixture.mayRepeat(false)
            for _ in 0..<3 { #expect(try ask(client) == first) }
            #expect(fixture.handledTargets.count == 4 && fixture.repetitions == 0)
            fixture.mayRepeat(true)
            #expect(try ask(client) == first)
            #expect(fixture.handledTargets.count == 4 && fixture.repetitions == 1)
        }
    }

    @Test("stands beside others on its connection, whichever came last before it")
    func interleaved() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            let other = "GET /written/7 HTTP/1.1\r\nHost: localhost\r\n\r\n"
            _ = try ask(client)
            #expect(try ask(client, other).body.count == 7)
            #expect(try ask(client).body.count == 1_200)
            #expect(try ask(client, "GET /plain HTTP/1.1\r\n\r\n").status == 200)
            #expect(try ask(client).body.count == 1_200)
            #expect(fixture.handledTargets == ["/written/1200", "/written/7", "/plain"])
        }
    }

    @Test("on another connection of the process is one too, for a second")
    func connections() async throws {
        try await withServer { fixture in
            for _ in 0..<3 { #expect(try ask(try Client(fixture.path)).status == 200) }
            #expect(fixture.handledTargets.count == 1 && fixture.repetitions == 2)
            fixture.advance(by: .seconds(1))
            let client = try Client(fixture.path)
            #expect(try ask(client).status == 200)
            #expect(fixture.handledTargets.count == 2 && fixture.repetitions == 2)
            // On its own connection there is nobody else.
            fixture.advance(by: .seconds(30))
            #expect(try ask(client).status == 200)
            #expect(fixture.handledTargets.count == 2 && fixture.repetitions == 3)
        }
    }

    @Test("is another's when its user, groups, process or socket are")
    func others() {
        let peer = PeerIdentity(pid: 1, uid: 2, gid: 3, groups: [4])
        func caller(_ role: SocketRole = .token, _ change: (inout PeerIdentity) -> Void = { _ in }) -> Caller {
            var changed = peer
            change(&changed)
            return Caller(peer: changed, role: role, connection: ConnectionID(descriptor: 5, serial: 6))
        }
        let repetition = Repetition(of: ReceiveBuffer(), keepsAlive: true, by: caller(), at: .seconds(9)) { _, _, _ in
            true
        }
        #expect(repetition.isSharedWith(caller(), now: .seconds(9)))
        #expect(!repetition.isSharedWith(caller(), now: .seconds(10)))
        #expect(!repetition.isSharedWith(caller(.admin), now: .seconds(9)))
        #expect(!repetition.isSharedWith(caller { $0.pid = 0 }, now: .seconds(9)))
        #expect(!repetition.isSharedWith(caller { $0.uid = 0 }, now: .seconds(9)))
        #expect(!repetition.isSharedWith(caller { $0.gid = 0 }, now: .seconds(9)))
        #expect(!repetition.isSharedWith(caller { $0.groups = [] }, now: .seconds(9)))
    }

    @Test(
        "that brings credentials or a body, ends its connection or is very long is not kept",
        arguments: [
            "GET /written/9 HTTP/1.1\r\nAuthorization: Basic c2VjcmV0\r\n\r\n",
            "GET /written/9 HTTP/1.1\r\nProxy-Authorization: Basic c2VjcmV0\r\n\r\n",
            "GET /written/9 HTTP/1.1\r\nCookie: session=c2VjcmV0\r\n\r\n",
            "POST /written/9 HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nsecret",
            "POST /written/9 HTTP/1.1\r\nContent-Length: 6\r\n\r\nsecret",
            "GET /written/9 HTTP/1.1\r\nUser-Agent: \(String(repeating: "x", count: Repetition.longest))\r\n\r\n",
        ]
    )
    func notKept(request: String) async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            for _ in 0..<3 { #expect(try ask(client, request).body.count == 9) }
            #expect(fixture.handledTargets.count == 3 && fixture.repetitions == 0)
        }
    }

    @Test("after which the connection is to close is answered before it does")
    func closing() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            try client.send("GET /written/9 HTTP/1.1\r\nConnection: close\r\n\r\n")
            #expect(try client.receiveAll().hasSuffix("bbbbbbbbb"))
        }
    }

    @Test("in two pieces, or with others in one, is read as any other")
    func pieces() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            let first = try ask(client)
            try client.send(String(Self.request.prefix(20)))
            try client.send(String(Self.request.dropFirst(20)))
            #expect(try client.receiveAnswer() == first)
            try client.send(Self.request + Self.request + Self.request)
            for _ in 0..<3 { #expect(try client.receiveAnswer() == first) }
            #expect(try ask(client) == first)
        }
    }

    @Test("of a caller that reads nothing waits, and loses no byte")
    func slowReader() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            let request = "GET /written/15000 HTTP/1.1\r\n\r\n"
            _ = try ask(client, request)
            for _ in 0..<40 { try client.send(request) }
            for _ in 0..<40 {
                let answer = try client.receiveAnswer()
                #expect(answer.body.count == 15_000 && answer.body.allSatisfy { $0 == "b" })
            }
            #expect(try ask(client, request).body.count == 15_000)
        }
    }

    @Test("is answered while the server drains no more than any other")
    func draining() async throws {
        try await withServer { fixture in
            let client = try Client(fixture.path)
            _ = try ask(client)
            fixture.server.beginDrain()
            #expect(try client.receiveAll().isEmpty)
        }
    }
}
