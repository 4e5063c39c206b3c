import Glibc
import MockAuthorizationServer
import Testing

/// How a daemon is made to die in the midst of a rotation.
enum Death: Sendable, CustomStringConvertible {
    /// At a step of its own.
    case at(CrashPoint)

    /// So many readings of the clock after the refresh was asked for.
    case afterAsking(readings: Int)

    /// So many readings of the clock after the server, which has the request, may answer.
    case afterAnswering(readings: Int)

    /// While the server has the request, which it answers when nobody is there any more.
    case beforeAnswer

    var description: String {
        switch self {
        case .at(let point): "at \(point.rawValue)"
        case .afterAsking: "a random while after the refresh was asked for"
        case .afterAnswering: "a random while after the server began to answer"
        case .beforeAnswer: "while the server has the request"
        }
    }

    /// What a client's requests came to in a life that ended so.
    struct LastWords: Sendable {
        /// The client's refresh tokens that were presented, as far as the server has them.
        var presentations: [RefreshPresentation] = []

        /// The access token that came of it; nil when none did.
        var accessToken: String?

        /// Whether the operator was told that the refresh is done, so that it has to be on the disk.
        var wasConfirmed = false
    }

    /// Starts the daemon, has every client refreshed, and lets it die; gives back each client's last words.
    func befall(_ rotation: RotationRoom) async throws -> [String: LastWords] {
        let server = rotation.server
        let before = rotation.clients.map { server.presentations(of: rotation.id(of: $0)).count }
        if mustHold { server.setBehaviour(.held) }
        let confirmed = try await end(rotation)
        server.clearBehaviours()
        server.release()
        try await rotation.settle()
        var words: [String: LastWords] = [:]
        for (client, count) in zip(rotation.clients, before) {
            let presentations = Array(server.presentations(of: rotation.id(of: client)).dropFirst(count))
            words[client] = LastWords(
                presentations: presentations,
                accessToken: presentations.contains { $0.judgement.isGranted } ? rotation.newestToken(client) : nil,
                wasConfirmed: confirmed.contains(client)
            )
        }
        return words
    }

    private var mustHold: Bool {
        switch self {
        case .at, .afterAsking: false
        case .afterAnswering, .beforeAnswer: true
        }
    }

    /// The clients whose refresh was answered as done before the end.
    private func end(_ rotation: RotationRoom) async throws -> Set<String> {
        let environment = if case .at(let point) = self { point.environment } else { [String: String]() }
        do {
            let (status, confirmed) = try await withDaemon(in: rotation.room, environment: environment) { daemon in
                async let confirmed = ask(rotation)
                let server = rotation.server
                switch self {
                case .at:
                    break
                case .afterAsking(let readings):
                    await ClockReadings.kill(daemon.pid, after: readings)
                case .afterAnswering(let readings):
                    try await rotation.counters("the request") { $0.held == rotation.clients.count }
                    server.clearBehaviours()
                    server.release()
                    await ClockReadings.kill(daemon.pid, after: readings)
                case .beforeAnswer:
                    try await rotation.counters("the request") { $0.held == rotation.clients.count }
                    await daemon.crash()
                }
                return await confirmed
            }
            #expect(status == -SIGKILL, "not dead \(self); refreshed: \(confirmed.sorted())\n\(rotation.evidence())")
            return confirmed
        } catch is EndedEarly {
            // A first refresh token is taken over at the start.
            return []
        }
    }

    private func ask(_ rotation: RotationRoom) async -> Set<String> {
        await withTaskGroup(of: String?.self) { group in
            for client in rotation.clients {
                // An exchange that breaks off is what is wanted.
                group.addTask { (try? await rotation.refresh(client))?.status == 200 ? client : nil }
            }
            var confirmed: Set<String> = []
            for await client in group { if let client { confirmed.insert(client) } }
            return confirmed
        }
    }
}
