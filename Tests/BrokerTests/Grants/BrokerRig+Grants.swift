import LocalAPI
import MockAuthorizationServer
import OAuth2
import TokenStore

@testable import Broker

extension BrokerRig {
    func loggedIn(_ name: String, _ lines: String) throws -> String { try loggedIn(name, scope: "", lines) }

    /// Every grant that the store has.
    var grants: [StoredGrant] { get throws { try store.grants().grants } }

    /// The one that is held.
    var held: StoredGrant {
        get throws {
            guard let held = try grants.first(where: { $0.standing == .held }) else { throw RigError.ended }
            return held
        }
    }

    /// What the server made of each refresh token that was presented.
    var judgements: [RefreshJudgement] { server.presentations(of: "billing-id").map(\.judgement) }

    /// Lets an operator refresh, a second later than anything before.
    func refresh(_ name: String = "billing", _ query: String = "") async throws -> Answer {
        advance(by: .seconds(1))
        return try await begin("/v1/clients/\(name)/refresh\(query)", method: .post, on: .admin).answer()
    }

    /// An operator's refresh whose request the server has, and keeps until its release.
    func heldRefresh(_ behaviour: Behaviour = .held) async throws -> PendingAnswer {
        server.setBehaviour(behaviour, times: 1)
        advance(by: .seconds(1))
        let pending = begin("/v1/clients/billing/refresh", method: .post, on: .admin)
        _ = try await server.counters { $0.held == 1 }
        return pending
    }

    /// The access token after a refresh that must bring one.
    func refreshed() async throws -> String {
        let answer = try await refresh()
        guard answer.status == 200 else { throw RigError.noAnswer(answer.body) }
        return try self.answer("/v1/token/billing").token.accessToken
    }

    /// Stops this broker and starts another on the same state.
    static func restarted(
        _ rig: BrokerRig,
        _ text: String,
        boot: String = "1",
        waking: Bool = true
    ) async throws -> BrokerRig {
        await rig.stop()
        let again = try BrokerRig(rig.server, rig.clock, files: rig.files, boot: boot)
        await again.broker.journal.recover()
        try again.start(text, waking: waking)
        return again
    }
}
