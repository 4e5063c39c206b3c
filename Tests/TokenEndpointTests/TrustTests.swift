import Foundation
import MockAuthorizationServer
import OAuth2
import TestNetwork
import Testing
import TokenEndpoint

@Suite("Trust in a server's certificate")
struct TrustTests {
    @Test("a private authority is trusted where the client names it, and nowhere else")
    func privateAuthority() async throws {
        try await withAuthority { authority in
            let files = try await authority.files(for: "IP:127.0.0.1")
            try await withWire(
                { $0.tls = files },
                { wire, server in
                    let trust = ServerTrust(caFile: authority.certificate)
                    _ = try await wire.send(to: server.tokenEndpoint, trust: trust).get()

                    let refused = try #require(try await wire.failure(to: server.tokenEndpoint))
                    #expect(refused.transport == .certificateRefused)
                    #expect(refused.failureClass == .configuration)
                    #expect(refused.serverWords == "certificate verify failed")
                    #expect(server.counters().tokenRequests == 1)
                }
            )
        }
    }

    @Test("a certificate for another name is refused")
    func foreignName() async throws {
        try await withAuthority { authority in
            let files = try await authority.files(for: "DNS:auth.example.com,IP:127.0.0.2")
            try await withWire(
                { $0.tls = files },
                { wire, server in
                    let trust = ServerTrust(caFile: authority.certificate)
                    for host in ["127.0.0.1", "localhost"] {
                        let failure = try await wire.failure(
                            to: "https://\(host):\(server.port)/oauth2/token",
                            trust: trust
                        )
                        #expect(failure?.transport == .certificateRefused, "\(host): \(failure?.serverWords ?? "")")
                    }
                    #expect(server.counters().tokenRequests == 0)
                }
            )
        }
    }

    @Test("a changed ca_file counts from the next request on")
    func changedFile() async throws {
        try await withAuthority { authority in
            try await withAuthority { other in
                let files = try await authority.files(for: "IP:127.0.0.1")
                try await withWire(
                    { $0.tls = files },
                    { wire, server in
                        let file = URL(filePath: other.path("ca.pem"))
                        let trust = ServerTrust(caFile: file.path)
                        let wrong = try Data(contentsOf: URL(filePath: other.certificate))
                        let right = try Data(contentsOf: URL(filePath: authority.certificate))

                        try wrong.write(to: file)
                        let failure = try await wire.failure(to: server.tokenEndpoint, trust: trust)
                        #expect(failure?.transport == .certificateRefused)
                        try right.write(to: file)
                        _ = try await wire.send(to: server.tokenEndpoint, trust: trust).get()

                        // While a request is under way on the old authority, its connection stays.
                        server.setBehaviour(.held, times: 1)
                        async let held = wire.send(to: server.tokenEndpoint, trust: trust)
                        try await server.counters { $0.held == 1 }
                        try wrong.write(to: file)
                        let refused = try await wire.failure(to: server.tokenEndpoint, trust: trust)
                        #expect(refused?.transport == .certificateRefused)
                        server.release()
                        _ = try await held.get()
                    }
                )
            }
        }
    }

    @Test("an unusable ca_file is the client's configuration", arguments: [nil, "", "no PEM"])
    func unusableFile(contents: String?) async throws {
        try await withAuthority { authority in
            let path = authority.path("ca.pem")
            if let contents { try Data(contents.utf8).write(to: URL(filePath: path)) }
            try await withWire { wire, server in
                let failure = try #require(
                    try await wire.failure(to: server.tokenEndpoint, trust: ServerTrust(caFile: path))
                )
                #expect(failure.failureClass == .configuration)
                #expect(failure.error == "ca_file_unusable")
                #expect(failure.serverWords?.hasPrefix(path) == true)
                #expect(server.counters().connections == 0)
            }
        }
    }

    @Test("a server that speaks no TLS fails the handshake")
    func plain() async throws {
        try await withWire { wire, server in
            let failure = try await wire.failure(to: "https://127.0.0.1:\(server.port)/oauth2/token")
            #expect(failure?.transport == .tlsFailed)
            #expect(failure?.failureClass == .transient)
            #expect(server.counters().tokenRequests == 0)
        }
    }

    @Test(
        "faults over TLS are named as without it",
        arguments: [
            (ConnectionFault.dropBeforeAnswer, TransportFailure.resetAfterSending),
            (.dropMidAnswer, .resetAfterSending), (.reset, .resetAfterSending),
        ]
    )
    func faults(fault: ConnectionFault, transport: TransportFailure) async throws {
        try await withAuthority { authority in
            let files = try await authority.files(for: "IP:127.0.0.1")
            try await withWire(
                { $0.tls = files },
                { wire, server in
                    server.setBehaviour(.fault(fault))
                    let failure = try await wire.failure(
                        to: server.tokenEndpoint,
                        trust: ServerTrust(caFile: authority.certificate)
                    )
                    #expect(failure?.transport == transport, "\(failure?.serverWords ?? "")")
                    #expect(server.counters().tokenRequests == 1)
                }
            )
        }
    }
}
