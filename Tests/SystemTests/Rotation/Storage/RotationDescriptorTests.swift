import Foundation
import LinuxHost
import LocalAPI
import MockAuthorizationServer
import Testing

/// A connection of a caller that has asked nothing yet.
private final class QuietCaller {
    private let connection: UnixConnection

    init(on socket: String) throws { connection = try UnixSocket.connect(socket, timeout: .seconds(30)) }

    /// Sends the request, and gives back the answer's first piece.
    func ask(_ method: String, _ path: String) throws -> String {
        let length = method == "POST" ? "Content-Length: 0\r\n" : ""
        try connection.send(Array("\(method) \(path) HTTP/1.1\r\nHost: x\r\n\(length)\r\n".utf8))
        return String(decoding: try connection.receive(), as: UTF8.self)
    }
}

/// Callers that stay until they are told to leave.
private final class Crowd {
    private var callers: [QuietCaller]

    init(_ callers: [QuietCaller]) { self.callers = callers }

    func leave() { callers = [] }
}

@Suite("A daemon without a descriptor left", .timeLimit(.minutes(5)))
struct RotationDescriptorTests {
    /// A few more than a daemon without callers has open.
    private static let limit = 64

    @Test(
        "presents no refresh token that it cannot send, says why, and goes on when there are some again",
        .needsMounts,
        arguments: [true, false]
    )
    func descriptors(isConfidential: Bool) async throws {
        try await withRotation(.strict) { rotation in
            // A client that has no secret to read comes as far as the connection.
            if !isConfidential { try makePublic(rotation) }
            let launcher = ["prlimit", "--nofile=\(Self.limit):\(Self.limit)", "--"]
            try await withDaemon(in: rotation.room, through: launcher) { daemon in
                try await rotation.expectRefreshed()
                let cached = try await rotation.fetch()
                let operators = try QuietCaller(on: rotation.room.adminSocket)
                let caller = try QuietCaller(on: rotation.room.tokenSocket)
                let crowd = Crowd(try await exhaust(daemon, rotation))
                let refused = try operators.ask("POST", "/v1/clients/\(RotationRoom.client)/refresh")
                #expect(refused.hasPrefix("HTTP/1.1 503 "), "\(refused)")
                let status = try operators.ask("GET", "/v1/clients/\(RotationRoom.client)")
                #expect(status.contains("oo many open files"), "\(status)")
                let served = try caller.ask("GET", "/v1/token/\(RotationRoom.client)")
                #expect(served.contains(try #require(cached.string("access_token"))), "\(served)")
                #expect(rotation.judgements() == [.current], "\(rotation.evidence())")
                crowd.leave()
                try await rotation.expectRefreshed()
                #expect(try await rotation.alarms() == [])
            }
            #expect(rotation.judgements().allSatisfy { $0 == .current }, "\(rotation.evidence())")
        }
    }

    private func makePublic(_ rotation: RotationRoom) throws {
        let path = rotation.room.configuration
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let text = lines.map { $0.hasPrefix("client_secret") ? "client_authentication = \"none\"" : $0 }
        try text.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Callers that say nothing, as many as the daemon has descriptors for.
    private func exhaust(_ daemon: RunningDaemon, _ rotation: RotationRoom) async throws -> [QuietCaller] {
        var crowd: [QuietCaller] = []
        for _ in 0..<Self.limit { crowd.append(try QuietCaller(on: rotation.room.tokenSocket)) }
        let pid = daemon.pid
        try await Patience.wait(for: "the last descriptor", evidence: { rotation.evidence() }) {
            while try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count < Self.limit {}
        }
        return crowd
    }
}
