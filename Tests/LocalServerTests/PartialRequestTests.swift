import LinuxHost
import LocalServer
import Testing

@Suite("Callers that send part of a request")
struct PartialRequestTests {
    /// The first bytes of a request to oidc-agent, which serves nobody else until the rest comes; and fourteen of ours.
    @Test("Fourteen bytes on hundreds of connections harm nobody", arguments: ["{\"request\":\"ac", "GET / HTTP/1.1"])
    func fourteenBytes(part: String) async throws {
        #expect(part.utf8.count == 14)
        CurrentProcess.raiseDescriptorLimit()
        try await withServer { fixture in
            let partial = try (0..<300).map { _ in try Client(fixture.path) }
            for client in partial { try client.send(part) }
            // Answered while all of them stand: the clock does, so no deadline has passed.
            for number in 0..<20 { #expect(try Client(fixture.path).ask("/\(number)").body == "/\(number)") }
            fixture.advance(by: .seconds(6))
            for client in partial {
                #expect(try client.receiveAnswer().status == 408)
                #expect(try client.receive().isEmpty)
            }
        }
    }

    @Test("One byte a second is too slow for a request, and is told so after five")
    func byteASecond() async throws {
        try await withServer { fixture in
            let slow = try Client(fixture.path)
            let other = try Client(fixture.path)
            for byte in "GET /".utf8 {
                try slow.send([byte])
                #expect(try other.ask("/other").status == 200)
                fixture.advance(by: .seconds(1))
            }
            #expect(try slow.receiveAnswer().status == 408)
            #expect(try slow.receive().isEmpty)
        }
    }

    @Test("A body of which one byte a second comes is too slow as well")
    func bodyByteASecond() async throws {
        try await withServer { fixture in
            let slow = try Client(fixture.path)
            let other = try Client(fixture.path)
            try slow.send("POST /length HTTP/1.1\r\nContent-Length: 100\r\n\r\n")
            for _ in 0..<5 {
                try slow.send("x")
                #expect(try other.ask("/other").status == 200)
                fixture.advance(by: .seconds(1))
            }
            #expect(try slow.receiveAnswer().status == 408)
        }
    }

    @Test("As many idle connections as one user may have: one more is refused, each is served, and all end in time")
    func idleConnections() async throws {
        CurrentProcess.raiseDescriptorLimit()
        let limits = ServerLimits()
        try await withServer(limits) { fixture in
            var idle: [Client] = []
            for _ in 0..<limits.connectionsPerUser { idle.append(try Client(fixture.path)) }
            // The last one is accepted when it is answered, and all before it.
            #expect(try idle[limits.connectionsPerUser - 1].ask("/last").status == 200)
            let refused = try Client(fixture.path).ask("/")
            #expect(refused.status == 429)
            for number in stride(from: 0, to: idle.count, by: 64) {
                #expect(try idle[number].ask("/\(number)").body == "/\(number)")
            }
            fixture.advance(by: .seconds(61))
            for client in idle { #expect(try client.receive().isEmpty) }
            #expect(try Client(fixture.path).ask("/after").status == 200)
        }
    }
}
