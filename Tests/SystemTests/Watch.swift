import LocalAPI
import Subprocess
import SystemPackage

/// What the daemon tells of a client as it happens, through `tokenctl watch`.
enum Watch {
    /// The stream ended before anything matched.
    struct Ended: Error {}

    /// The first event that `matches`; what stands when this is called counts.
    @discardableResult
    static func event(
        of client: String,
        in room: Room,
        where matches: @Sendable (WatchEvent) -> Bool
    ) async throws -> WatchEvent {
        let ended = try await Subprocess.run(
            .path(FilePath(Binaries.tokenctl)),
            arguments: ["watch", client],
            environment: .inherit.updating(named: room.socketVariables),
            input: .none,
            output: .sequence,
            error: .discarded
        ) { tokenctl in
            for try await line in tokenctl.standardOutput.strings() {
                guard let event = try? DocumentCoding.decode(WatchEvent.self, from: Array(line.utf8)) else { continue }
                if matches(event) {
                    try tokenctl.send(signal: .terminate)
                    return event as WatchEvent?
                }
            }
            return nil
        }
        guard let event = ended.closureResult else { throw Ended() }
        return event
    }

    /// Waits until the client is in `state`.
    static func state(_ state: ClientState, of client: String, in room: Room) async throws {
        try await event(of: client, in: room) { $0.state == state }
    }
}

extension Room {
    /// The operator's view of one client.
    func status(of client: String) async throws -> ClientStatus {
        let answer = try await SocketHTTP.get("/v1/clients/\(client)", on: adminSocket)
        return try DocumentCoding.decode(ClientDocument.self, from: Array(answer.body.utf8)).client
    }

    /// The operator's view of everything.
    func status() async throws -> StatusDocument {
        let answer = try await SocketHTTP.get("/v1/status", on: adminSocket)
        return try DocumentCoding.decode(StatusDocument.self, from: Array(answer.body.utf8))
    }

    /// Asks for the value of a metric until it `matches`.
    func metric(_ name: String, reaches matches: (Double) -> Bool) async throws {
        while true {
            let text = try await SocketHTTP.get("/metrics", on: adminSocket).body
            let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            if let value = line.flatMap({ Double($0.dropFirst(name.count + 1)) }), matches(value) { return }
        }
    }
}
