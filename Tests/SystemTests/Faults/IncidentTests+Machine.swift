import Foundation
import LinuxHost
import Testing

/// A connection whose caller says no more.
private final class HalfRequest {
    private let connection: UnixConnection

    init(_ head: [UInt8], on socket: String) throws {
        connection = try UnixSocket.connect(socket, timeout: .seconds(30))
        try connection.send(head)
    }
}

/// What a machine does to a daemon: it sleeps, and it is full of callers.
extension IncidentTests {
    /// A request's head may have 8 KiB, and the daemon keeps little beside it.
    private static let memoryOfConnection = 16 * 1_024

    private static let idleConnections = 500

    func storm(_ daemon: RunningDaemon, _ room: Room) async throws -> Incident {
        let before = try residentBytes(daemon.pid)
        let head = Array("GET /v1/token/neighbour HTTP/1.1\r\nX-Filler: \(String(repeating: "a", count: 4_096))".utf8)
        var connections: [HalfRequest] = []
        for _ in 0..<Self.idleConnections {
            connections.append(try HalfRequest(head, on: room.tokenSocket))
        }
        let served = try await SocketHTTP.get("/v1/token/neighbour", on: room.tokenSocket)
        let grown = try residentBytes(daemon.pid) - before
        withExtendedLifetime(connections) {}
        let bound = connections.count * Self.memoryOfConnection
        #expect(served.status == 200)
        #expect(grown < bound, "\(grown) bytes for \(connections.count) connections")
        return Incident(
            elsewhere: "134 MB resident to renew one token ([vault #27887]"
                + "(https://github.com/hashicorp/vault/issues/27887)), agents die of memory in storms of connections ("
                + "[spire #5348](https://github.com/spiffe/spire/issues/5348))",
            tried: "\(connections.count) connections, each with half a request of 4 KiB",
            seen: (grown < bound
                ? "less than \(Self.memoryOfConnection / 1_024) KiB" : "\(grown / connections.count) bytes")
                + " of memory for each; another caller: \(served.status)"
        )
    }

    func sleep(_ clocks: ShiftedClocks, _ room: Room) async throws -> Incident {
        let before = try await SocketHTTP.get("/v1/token/neighbour", on: room.tokenSocket)
        try clocks.set(realtime: 7_200, boottime: 7_200)
        let after = try await SocketHTTP.get("/v1/token/neighbour", on: room.tokenSocket)
        let isNew = after.status == 200 && after.string("access_token") != before.string("access_token")
        #expect(before.status == 200)
        #expect(isNew)
        return Incident(
            elsewhere: "after a suspend the status says active and the token is dead ("
                + "[pizauth #47](https://github.com/ltratt/pizauth/issues/47))",
            tried: "a machine that sleeps two hours, with a token of one",
            seen: isNew ? "the next caller gets a new token" : "\(after.status), the token of before"
        )
    }

    /// The second number of `/proc/PID/statm`, in pages.
    private func residentBytes(_ pid: Int32) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8)
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return try #require(pages) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
