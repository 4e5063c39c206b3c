import LocalAPI
import MockAuthorizationServer

/// A death in the midst of a rotation, the life after it, and the verdict on both.
struct RotationRound: Sendable {
    /// How a client came out of it.
    enum Fate: String, Sendable {
        /// Its tokens go on.
        case survived

        /// Its refresh token is lost, and the operator is told so with what happened.
        case told
    }

    /// What is to be said of one client.
    struct Report: Sendable {
        let client: String
        let fate: Fate

        /// What the client's daemon has not kept of its promise.
        let breaches: [String]
    }

    let rotation: RotationRoom
    let death: Death

    /// Lets the daemon die and live again, until every client is well.
    func run() async throws -> [Report] {
        if case .at(.takeoverCommitted) = death {
            for client in rotation.clients { try rotation.logIn(client) }
        }
        let lastWords = try await death.befall(rotation)
        let (status, reports) = try await withDaemon(in: rotation.room) { _ in
            try await withThrowingTaskGroup(of: Report.self) { group in
                for (client, words) in lastWords { group.addTask { try await judge(client, words) } }
                var reports: [Report] = []
                for try await report in group { reports.append(report) }
                return reports
            }
        }
        guard status == 0 else {
            return reports.map { Report(client: $0.client, fate: $0.fate, breaches: $0.breaches + ["exit \(status)"]) }
        }
        return reports
    }

    private func judge(_ client: String, _ words: Death.LastWords) async throws -> Report {
        let before = rotation.judgements(client).count
        let served = try await rotation.fetch(client)
        let isOnDisk =
            words.wasConfirmed || words.accessToken != nil && served.string("access_token") == words.accessToken
        let answer = try await rotation.refresh(client)
        var breaches: [String] = []
        let fate: Fate
        switch answer.status {
        case 200:
            fate = .survived
            breaches += try await breachesOfSurvivor(client)
        case 409 where answer.string("error") == "login_required":
            fate = .told
            breaches += try await breachesOfTold(client)
            if rotation.policy == .graceful { breaches.append("lost at a server with a grace window") }
            if words.accessToken == nil { breaches.append("lost, and the server had spent nothing") }
            if isOnDisk { breaches.append("lost, although what the server gave was on the disk") }
        default:
            fate = .told
            breaches.append("the refresh after it was answered \(answer.status): \(answer.body)")
        }
        let replays = rotation.judgements(client).dropFirst(before).count(where: \.isReplay)
        if isOnDisk, replays > 0 {
            breaches.append("a spent token was presented although its successor was on the disk")
        }
        breaches += ledgerBreaches(client)
        if fate == .told { breaches += try await bringBack(client) }
        return Report(client: client, fate: fate, breaches: breaches)
    }

    private func ledgerBreaches(_ client: String) -> [String] {
        let verdict = rotation.verdict(client)
        var breaches: [String] = []
        if !verdict.stale.isEmpty { breaches.append("presented after a newer one: \(verdict.stale)") }
        if !verdict.afterRefusal.isEmpty { breaches.append("presented after its refusal: \(verdict.afterRefusal)") }
        if verdict.maximumReplaysPerToken > 1 {
            breaches.append("\(verdict.maximumReplaysPerToken) replays of one token")
        }
        return breaches
    }

    private func breachesOfSurvivor(_ client: String) async throws -> [String] {
        let status = try await rotation.room.status(of: client)
        let fetched = try await rotation.fetch(client)
        var breaches: [String] = []
        if status.state != .fresh { breaches.append("\(status.state), not fresh: \(status)") }
        if status.grant?.standing != .held || status.grant?.unsaved != false {
            breaches.append("the grant is not held: \(String(describing: status.grant))")
        }
        if !(fetched.string("access_token").map(rotation.server.isActive) ?? false) {
            breaches.append("the access token is not active: \(fetched.status)")
        }
        if rotation.verdict(client).familyIsRevoked { breaches.append("the family is revoked") }
        return breaches
    }

    private func breachesOfTold(_ client: String) async throws -> [String] {
        let status = try await rotation.room.status(of: client)
        var breaches: [String] = []
        if status.state != .loginRequired { breaches.append("\(status.state), not login_required") }
        if status.grant?.standing != .refused || (status.grant?.refused?.unansweredAttempts ?? 0) < 1 {
            breaches.append("no refusal with its history: \(String(describing: status.grant))")
        }
        if status.lastError?.unansweredAttempts == nil
            || status.lastError?.summary.contains("without an answer") != true
        {
            breaches.append("no error with its history: \(String(describing: status.lastError))")
        }
        return breaches
    }

    /// A person logs in again.
    private func bringBack(_ client: String) async throws -> [String] {
        try rotation.logIn(client)
        let reloaded = try await rotation.reload()
        let answer = try await rotation.refresh(client)
        guard reloaded.status == 200, answer.status == 200 else {
            return ["not brought back by a new login: \(reloaded.status) \(answer.status) \(answer.body)"]
        }
        return try await breachesOfSurvivor(client)
    }
}
