import Diagnosis
import LocalAPI
import MockAuthorizationServer

@testable import Broker

extension BrokerRig {
    /// Has the client diagnosed, and moves the clock as the server's budget wants it.
    func diagnosis(_ name: String = "billing", spending: Bool = false) async throws -> Answer {
        let pending = begin(Self.diagnosis(of: name, spending: spending), method: .post, on: .admin)
        return try await answered(pending)
    }

    func diagnosed(_ name: String = "billing", spending: Bool = false) async throws -> DiagnosisReport {
        try await diagnosis(name, spending: spending).document(DiagnosisReport.self)
    }

    static func diagnosis(of name: String, spending: Bool = false) -> String {
        "/v1/clients/\(name)/diagnose\(spending ? "?spend=true" : "")"
    }

    /// A token, or the failure to get one, with the clock moved as the server's budget wants it.
    func attempted(_ name: String = "billing") async throws -> Answer {
        let pending = begin("/v1/token/\(name)")
        return try await answered(pending)
    }

    /// A diagnosis whose first question to the token endpoint the server has, and keeps until its release.
    func heldDiagnosis(_ name: String = "billing") async throws -> PendingAnswer {
        server.setBehaviour(.held, times: 1)
        let pending = begin(Self.diagnosis(of: name), method: .post, on: .admin)
        pending.onRing { [event] in event.yield() }
        let watch = Task { [server, event] in
            defer { event.yield() }
            return try await server.counters { $0.held == 1 }
        }
        try await takingTurns { server.counters().held == 1 }
        _ = try await watch.value
        return pending
    }

    private func answered(_ pending: PendingAnswer) async throws -> Answer {
        pending.onRing { [event] in event.yield() }
        try await takingTurns {
            // What is due stands before what comes next, whose nearing is waited for.
            advance(by: .zero)
            return try pending.now != nil
        }
        return try await pending.answer()
    }
}
