import Foundation
import MockAuthorizationServer
import TestNetwork

/// A fault that is ready to happen to one client.
struct StagedFault: Sendable {
    let client: String
    /// The client's section.
    let configuration: String
    let begin: @Sendable () async throws -> Void
    let end: @Sendable () async throws -> Void
    /// Ends the servers that were started for it.
    let close: @Sendable () async -> Void
}

/// What faults are made of: the daemon's room, the server that most cases share, and authorities.
struct FaultStage: Sendable {
    private static let proxiedHost = "login.example.test"

    let room: Room
    let shared: MockAuthorizationServer
    private let authority: TestAuthority
    private let trusted: TLSFiles
    private let proxied: TLSFiles
    private let expired: TLSFiles
    private let otherName: TLSFiles
    private let foreign: TLSFiles

    init(room: Room, shared: MockAuthorizationServer, authority: TestAuthority, foreign: TestAuthority) async throws {
        self.room = room
        self.shared = shared
        self.authority = authority
        trusted = try await authority.files(for: "IP:127.0.0.1")
        proxied = try await authority.files(for: "DNS:\(Self.proxiedHost)")
        expired = try await authority.expiredFiles(for: "IP:127.0.0.1")
        otherName = try await authority.files(for: "DNS:other.example.test")
        self.foreign = try await foreign.files(for: "IP:127.0.0.1")
    }

    /// Prepares `fault` for a client, whose server works until the fault begins.
    func stage(_ fault: FaultCase, client: String) async throws -> StagedFault {
        switch fault.provocation {
        case .behaviour(let behaviour):
            let id = "\(client)-id"
            return StagedFault(
                client: client,
                configuration: try room.client(client, at: shared, more: fault.keys),
                begin: { shared.setBehaviour(behaviour, for: id) },
                end: {
                    shared.setBehaviour(.normal, for: id)
                    shared.release()
                },
                close: {}
            )
        case .ownBehaviour(let behaviour):
            let server = try await MockAuthorizationServer.start()
            return staged(
                client,
                try room.client(client, at: server, more: fault.keys),
                [server],
                begin: { server.setBehaviour(behaviour()) },
                end: { server.setBehaviour(.normal) }
            )
        case .metadata(let behaviour):
            return try await stageMetadata(behaviour, fault, client: client)
        case .stopped:
            let server = try await MockAuthorizationServer.start()
            return staged(
                client,
                try room.client(client, at: server, more: fault.keys),
                [server],
                begin: { await server.stopListening() },
                end: { try await server.startListening() }
            )
        case .deaf(let manner, let isEncrypted):
            let server = try await start(isEncrypted ? trusted : nil)
            return staged(
                client,
                try room.client(client, at: server, more: trust + fault.keys),
                [server],
                begin: {
                    await server.stopListening()
                    try await server.startListening(manner)
                },
                end: {
                    await server.stopListening()
                    try await server.startListening()
                }
            )
        case .impostor(let impostor):
            return try await stage(impostor, fault, client: client)
        case .nameWithoutAddress:
            let section = try room.client(client, at: shared)
            return StagedFault(
                client: client,
                // RFC 6761 §6.4: no such name exists.
                configuration: section.replacing(shared.tokenEndpoint, with: "https://nonexistent.invalid/token"),
                begin: {},
                end: { try room.add(section, as: client) },
                close: {}
            )
        case .proxyThatRefuses:
            return try await stageProxy(fault, client: client)
        case .secretMissing:
            let file = "\(room.path)/\(client).secret"
            return StagedFault(
                client: client,
                configuration: try room.client(client, at: shared),
                begin: { try FileManager.default.removeItem(atPath: file) },
                end: { try room.secret("\(client).secret", "found again") },
                close: {}
            )
        }
    }

    /// What makes a client trust the stage's authority.
    private var trust: String { "ca_file = \"\(authority.certificate)\"\n" }

    private func start(_ tls: TLSFiles?, port: Int = 0) async throws -> MockAuthorizationServer {
        var configuration = Configuration()
        configuration.tls = tls
        configuration.port = port
        return try await MockAuthorizationServer.start(configuration)
    }

    private func staged(
        _ client: String,
        _ configuration: String,
        _ servers: [MockAuthorizationServer],
        begin: @escaping @Sendable () async throws -> Void,
        end: @escaping @Sendable () async throws -> Void
    ) -> StagedFault {
        StagedFault(client: client, configuration: configuration, begin: begin, end: end) {
            for server in servers { await server.stop() }
        }
    }

    private func stageMetadata(
        _ behaviour: Behaviour,
        _ fault: FaultCase,
        client: String
    ) async throws -> StagedFault {
        let server = try await MockAuthorizationServer.start()
        let section = try room.client(client, at: server, more: fault.keys)
        return staged(
            client,
            section.replacing("token_endpoint = \"\(server.tokenEndpoint)\"", with: "issuer = \"\(server.issuer)\""),
            [server],
            begin: {
                server.setBehaviour(behaviour, at: .metadata)
                server.setBehaviour(behaviour, at: .openIDConfiguration)
            },
            end: {
                server.clearBehaviours()
                server.release()
            }
        )
    }

    private func stage(_ impostor: FaultCase.Impostor, _ fault: FaultCase, client: String) async throws -> StagedFault {
        let files: TLSFiles? =
            switch impostor {
            case .expiredCertificate: expired
            case .foreignAuthority: foreign
            case .otherName: otherName
            case .withoutTLS: nil
            }
        let other = try await start(files)
        await other.stopListening()
        let server = try await start(trusted, port: other.port)
        return staged(
            client,
            try room.client(client, at: server, more: trust + fault.keys),
            [server, other],
            begin: {
                await server.stopListening()
                try await other.startListening()
            },
            end: {
                await other.stopListening()
                try await server.startListening()
            }
        )
    }

    private func stageProxy(_ fault: FaultCase, client: String) async throws -> StagedFault {
        let server = try await start(proxied)
        // A tunnel that is open stays open when no more are granted.
        var closing = Behaviour()
        closing.headers = ["Connection": "close"]
        server.setBehaviour(closing)
        let proxy = try await TestProxy.start(target: server.port)
        let keys = trust + "proxy = \"http://127.0.0.1:\(proxy.port)\"\n" + fault.keys
        let section = try room.client(client, at: server, more: keys)
        return StagedFault(
            client: client,
            configuration: section.replacing(server.tokenEndpoint, with: "https://\(Self.proxiedHost)/oauth2/token"),
            begin: { proxy.setTarget(nil) },
            end: { proxy.setTarget(server.port) },
            close: {
                await proxy.stop()
                await server.stop()
            }
        )
    }
}

extension Room {
    /// Writes a file of `clients.d`, which counts from the next start or reload on.
    func add(_ section: String, as name: String) throws {
        let directory = "\(path)/clients.d"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try section.write(toFile: "\(directory)/\(name).toml", atomically: true, encoding: .utf8)
    }
}
