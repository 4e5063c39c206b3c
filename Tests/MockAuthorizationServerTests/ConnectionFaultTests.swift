import AsyncHTTPClient
import MockAuthorizationServer
import NIOCore
import Testing

@Suite("Faults of connections")
struct ConnectionFaultTests {
    private let form = "grant_type=client_credentials"
    private let document = #"{"access_token": "2YotnFZFEjr1zCsicMWpAA"}"#

    private func behaviour(_ fault: ConnectionFault) -> Behaviour {
        var behaviour = Behaviour.answer(status: 200, body: document)
        behaviour.fault = fault
        return behaviour
    }

    @Test("an answer that breaks off reaches the client as none", arguments: [ConnectionFault.reset, .resetMidAnswer])
    func resets(fault: ConnectionFault) async throws {
        try await withServer { server in
            server.setBehaviour(behaviour(fault), times: 1)
            await #expect(throws: (any Error).self) { try await Caller.post(form, to: server.tokenEndpoint) }
            try await server.counters { $0.openConnections == 0 }
            #expect(try await Caller.post(form, to: server.tokenEndpoint).status == 200)
        }
    }

    @Test("an understated answer is half as long as it should be")
    func understated() async throws {
        try await withServer { server in
            server.setBehaviour(behaviour(.understated))
            let answer = try await Caller.post(form, to: server.tokenEndpoint)
            #expect(answer.text == document.prefix(document.count - document.count / 2))
        }
    }

    @Test("a stalled answer begins, and waits for the client to go", arguments: [false, true])
    func stalls(midHead: Bool) async throws {
        try await withServer { server in
            server.setBehaviour(behaviour(midHead ? .stallMidHead : .stallMidAnswer))
            let (begun, beginning) = AsyncStream<Int>.makeStream()
            let call = Task {
                let request = HTTPClientRequest(url: server.tokenEndpoint)
                let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
                for try await bytes in response.body { beginning.yield(bytes.readableBytes) }
            }
            if midHead {
                try await server.counters { $0.total.outcomes["scripted"] == 1 }
            } else {
                #expect(await begun.first { _ in true } == document.count / 2)
            }
            #expect(server.counters().openConnections == 1)
            call.cancel()
            try await server.counters { $0.openConnections == 0 }
            await #expect(throws: (any Error).self) { try await call.value }
        }
    }

    @Test("a deaf server serves nobody, and everybody once it listens again", arguments: DeafListening.allCases)
    func deaf(manner: DeafListening) async throws {
        try await withServer { server in
            await server.stopListening()
            try await server.startListening(manner)
            let request = HTTPClientRequest(url: server.tokenEndpoint)
            await #expect(throws: (any Error).self) {
                try await HTTPClient.shared.execute(request, timeout: .milliseconds(500))
            }
            await server.stopListening()
            try await server.startListening()
            #expect(try await Caller.post(form, to: server.tokenEndpoint).status == 200)
            #expect(server.counters().tokenRequests == 1)
        }
    }
}
