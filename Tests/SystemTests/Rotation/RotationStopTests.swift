import Foundation
import Glibc
import LocalAPI
import MockAuthorizationServer
import Testing

/// An order to stop, or another configuration, comes while the server has the request.
@Suite("In the midst of a rotation", .timeLimit(.minutes(5)))
struct RotationStopTests {
    @Test("the daemon's end waits for the answer and keeps it: the next start has the token without a request")
    func stop() async throws {
        try await withRotation(.strict) { rotation in
            rotation.server.setBehaviour(.held)
            let (status, _) = try await withDaemon(in: rotation.room) { daemon in
                async let refresh = rotation.refresh()
                try await rotation.counters("the request") { $0.held == 1 }
                daemon.signal(SIGTERM)
                #expect(await daemon.notified { $0.contains("EXTEND_TIMEOUT_USEC=") } != nil)
                // It is there yet, and has its request open.
                #expect(rotation.server.counters().openConnections == 1)
                rotation.server.clearBehaviours()
                rotation.server.release()
                #expect(await daemon.notified { _ in false } == nil)
                _ = try? await refresh
            }
            #expect(status == 0, "\(rotation.evidence())")
            try await expectKept(rotation)
        }
    }

    /// What the server gave is served after a start, without a request, and goes on from there.
    private func expectKept(_ rotation: RotationRoom) async throws {
        #expect(rotation.judgements() == [.current], "\(rotation.evidence())")
        try await withDaemon(in: rotation.room) { _ in
            let served = try await rotation.fetch()
            #expect(served.string("access_token") == rotation.newestToken(), "\(served.body)\n\(rotation.evidence())")
            #expect(rotation.judgements() == [.current])
            try await rotation.expectRefreshed()
        }
        #expect(rotation.judgements() == [.current, .current], "\(rotation.evidence())")
    }

    @Test("a reload that changes the client loses nothing")
    func changed() async throws {
        try await withRotation(.strict) { rotation in
            rotation.server.setBehaviour(.held)
            try await withDaemon(in: rotation.room) { _ in
                async let refresh = rotation.refresh()
                try await rotation.counters("the request") { $0.held == 1 }
                try rotation.configure(keys: "refresh_at = 0.5")
                try await rotation.expectReloaded()
                // A caller of the changed client waits for its turn.
                async let fetched = rotation.fetch(RotationRoom.client, "?timeout=60")
                rotation.server.clearBehaviours()
                rotation.server.release()
                let answer = try await fetched
                #expect(answer.string("access_token").map(rotation.server.isActive) == true, "\(answer.body)")
                _ = try await refresh
                try await rotation.expectRefreshed()
            }
            let judgements = rotation.judgements()
            #expect(judgements.count >= 2 && judgements.allSatisfy { $0 == .current }, "\(rotation.evidence())")
            #expect(rotation.verdict().stale.isEmpty, "\(rotation.evidence())")
        }
    }

    @Test("a reload that takes the client away loses nothing for when it comes back", arguments: [false, true])
    func removed(restarting: Bool) async throws {
        try await withRotation(.strict) { rotation in
            rotation.server.setBehaviour(.held)
            let configuration = try String(contentsOfFile: rotation.room.configuration, encoding: .utf8)
            try await withDaemon(in: rotation.room) { _ in
                async let refresh = rotation.refresh()
                try await rotation.counters("the request") { $0.held == 1 }
                try rotation.room.configure()
                try await rotation.expectReloaded()
                rotation.server.clearBehaviours()
                rotation.server.release()
                _ = try? await refresh
                try await rotation.counters("the rotation") { $0.total.judged(.current) == 1 }
                try configuration.write(toFile: rotation.room.configuration, atomically: true, encoding: .utf8)
                guard !restarting else { return }
                try await rotation.expectReloaded()
                try await rotation.expectRefreshed()
            }
            if restarting {
                try await withDaemon(in: rotation.room) { _ in
                    try await rotation.expectRefreshed()
                }
            }
            #expect(rotation.judgements() == [.current, .current], "\(rotation.evidence())")
        }
    }
}
