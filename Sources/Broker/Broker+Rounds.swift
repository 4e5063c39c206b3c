internal import LinuxHost
internal import Logging
internal import OAuth2
internal import Synchronization
internal import TokenStore

/// What is looked at again and again, beside the deadlines.
extension Broker {
    func gid(_ group: Principal) -> UInt32? {
        switch group {
        case .number(let gid): gid
        case .name(let name): parts.lookup.gid(name)
        }
    }

    /// Names may be other users' by now, and the operators' group another.
    func lookNamesUp() {
        let changed = directory.snapshot.inOrder.filter { $0.lookNamesUp(parts.lookup) }
        if !changed.isEmpty { directory.indexCallers() }
        if operators.setGroup(adminGroup.withLock { $0 }.flatMap(gid)) { surroundings.accessEpoch.advance() }
        namesLookedUp.withLock { $0 }()
    }

    /// What the kernel lets the process see of callers.
    func lookAtHost() {
        identity.look(at: directory.snapshot, legacyPeerCheck: legacyPeerCheck.withLock { $0 })
    }

    /// Files that must be where they were.
    func lookAtFiles() {
        let losses = watchedFiles.withLock { $0 }.compactMap(\.loss)
        if losses.isEmpty { alarms.clear(.fileLost) } else { alarms.raise(.fileLost, losses.joined(separator: "; ")) }
    }

    /// What could not be stored is tried again, so that the alarm does not stand until the next token.
    func storeAgain() {
        guard alarms.isStanding(.storeWriteFailed) else { return }
        Task { [journal] in await journal.lookAtStore() }
        for client in directory.snapshot.clients.values {
            for slot in client.slots { slot.memory().kept.map { keeper.saveAgain(slot.stored($0)) } }
        }
    }

    /// Files of secrets that may have been replaced.
    func lookAtSecrets() {
        for client in directory.snapshot.clients.values {
            client.lookAtSecret()
            client.lookAtChangedFirstToken()
        }
    }

    /// What is to be revoked is tried again, and ends that are near are told once.
    func lookAtGrants() {
        grants.revokeDue()
        var left = Self.warningsPerRound
        for client in directory.snapshot.inOrder where left > 0 && (client.grant?.takeWarning() ?? false) {
            left -= 1
            parts.logger.write(
                .refreshTokenEnds,
                ["client": "\(client.name)", "remedy": "\(ClientReport(client).grantWarning ?? "")"]
            )
        }
    }
}
