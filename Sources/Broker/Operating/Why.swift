internal import LinuxHost
internal import LocalAPI
internal import LocalServer
internal import OAuth2

/// Why a process may use a client or may not, rule by rule; for the operator, never for the caller.
struct Why: Sendable {
    let document: WhyDocument

    /// The process is judged as if it connected now.
    init(_ peer: PeerIdentity, unit: UnitFinding, client: ClientName, policy: AccessPolicy) {
        let decision = policy.decide(peer, unit: unit)
        let fits = policy.fits(peer, unit: unit)
        let (reason, rule, summary): (String, Int?, String) =
            switch decision {
            case .allowed(let index): ("rule", index + 1, "rule \(index + 1) fits this process")
            case .allowedByDefault:
                ("default", nil, "the client has no `allow`, and this is root or the daemon's own user")
            case .denied(let denial): (denial.code, nil, denial.summary(of: client))
            }
        document = WhyDocument(
            client: client.value,
            allowed: decision.isAllowed,
            reason: reason,
            rule: rule,
            summary: summary,
            process: WhyDocument.Process(
                pid: peer.pid,
                uid: peer.uid,
                gid: peer.gid,
                groups: peer.groups,
                unit: unit.systemUnit,
                userUnit: unit.userUnit,
                unitObstacle: unit.obstacle?.explanation
            ),
            rules: fits.map { fit in
                let failing = fit.conditions.filter { $0.verdict != .holds }
                return WhyDocument.Rule(
                    rule: fit.ruleIndex + 1,
                    text: fit.rule.description,
                    fits: fit.fits,
                    because: fit.fits ? nil : failing.map(\.description).joined(separator: ", ")
                )
            }
        )
    }
}

extension AccessDenial {
    /// One sentence without its full stop.
    fileprivate func summary(of client: ClientName) -> String {
        switch self {
        case .noRules: "the client has no `allow`, so that only root and the daemon's own user may use it"
        case .noRuleMatches: "no rule of the client fits this process"
        case .unitUnknown(let obstacle): "a rule would fit but for the unit, which is unknown: \(obstacle.explanation)"
        case .recycledNumber:
            "a rule names this user or group by a number that systemd gives to one service after the other; name the unit"
        }
    }
}

extension Operations {
    /// Which rule lets the process with the number `pid` use the client, or why none does.
    func why(pid: Int32, client name: String) throws(APIError) -> HTTPResponse {
        guard let client = directory.snapshot.clients[name] else { throw .unknownClient(name) }
        do throws(HostError) {
            let process = try PeerProcess.withNumber(pid)
            let why = Why(
                try process.identity(),
                unit: process.unit,
                client: client.name,
                policy: client.accessPolicy
            )
            return .document(why.document)
        } catch {
            throw APIError(
                .invalidRequest,
                "\(error)",
                client: name,
                remedy: "Name a process that runs now, as ps(1) shows it."
            )
        }
    }
}
