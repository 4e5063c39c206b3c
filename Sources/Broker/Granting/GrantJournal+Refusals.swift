internal import OAuth2
internal import Synchronization
internal import TokenStore

/// What servers refuse, kept until the disk takes that too.
extension GrantJournal {
    /// Puts the grant into quarantine; gives back the one that is held in its place again, if there is one.
    ///
    /// What the disk does not take is tried again; until it does, the refusal is in memory alone.
    func refuse(_ grant: RefreshGrant, _ refusal: GrantRefusal) async -> GrantID? {
        let write = Task { [store] in
            await Self.result { () async throws(TokenStoreError) in try await store.refuse(grant.id, refusal) }
        }
        switch await write.value(within: writePatience) {
        case .success(let before):
            keeper.writeSucceeded()
            return before
        case .failure(let error):
            alarms.raise(.storeWriteFailed, "\(error)")
        case nil:
            alarms.raise(.storeWriteFailed, "the refusal of a refresh token could not be stored in time")
            Task { [self] in
                // Once it is stored, a second try would not find what it gave back.
                if case .success(let before) = await write.value { refusalStored(grant, reinstated: before) }
            }
        }
        state.withLock { $0.refused[grant.id] = Refused(grant: grant, refusal: refusal) }
        scheduleRetry()
        return nil
    }

    func refusalStored(_ grant: RefreshGrant, reinstated before: GrantID?) {
        state.withLock { $0.refused[grant.id] = nil }
        keeper.writeSucceeded()
        if let before { tell(.refused(grant, reinstated: before)) }
    }

    /// What `work` ends with.
    static func result<Value: Sendable>(
        _ work: @Sendable () async throws(TokenStoreError) -> Value
    ) async -> Result<Value, TokenStoreError> {
        do throws(TokenStoreError) {
            return .success(try await work())
        } catch {
            return .failure(error)
        }
    }
}
