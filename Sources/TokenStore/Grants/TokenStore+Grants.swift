package import OAuth2

extension TokenStore {
    /// Reads and opens every grant; for the start, as it blocks the calling thread.
    package func grants() throws(TokenStoreError) -> StoredGrants {
        try read { database, keys in try RefreshGrantTable.read(database, keys: keys) }
    }

    /// Makes `grant` the held one of its client; the one held so far is kept as `replaced`.
    ///
    /// What is refused or restored stays so. With `droppingTokens` the client's access tokens are deleted. The first
    /// token's fingerprint is recorded in the same transaction, and then beside the database: when that fails the next
    /// start makes up for it. Throws `failed` when what is stored of the lineage is newer than `grant`, and for a first
    /// token that was taken over before, unless it `isRetaken` by somebody's word.
    package func takeUp(
        _ grant: RefreshGrant,
        firstToken: FirstTokenFingerprint?,
        droppingTokens: Bool,
        isRetaken: Bool = false
    ) async throws(TokenStoreError) {
        let takeover = firstToken.map { Takeover(firstToken: $0, at: now()) }
        try await write { [path] database, keys in
            let stored = try StoredLineage(grant.id, database, keys)
            guard stored?.outdates(grant) != true else {
                throw TokenStoreError.failed(path: path, reason: "it holds a newer refresh token of this lineage")
            }
            if !isRetaken, let firstToken, try FirstTokenTable.contains(firstToken, database) {
                throw TokenStoreError.failed(path: path, reason: "the first refresh token was taken over before")
            }
            try RefreshGrantTable.replaceHeld(by: grant, database)
            let condition = GrantCondition(.held, intent: stored?.condition?.intent)
            try RefreshGrantTable.put(try RefreshGrantRow(grant, key: keys.sealing), condition, database)
            if droppingTokens { try AccessTokenTable.removeAll(of: grant.id.client, database) }
            if let takeover { try FirstTokenTable.add(takeover, database) }
        } afterwards: { [takeovers] _, _ in
            if let takeover { takeovers.record(takeover) }
        }
    }

    /// Stores that a request with the grant's token is about to be sent; durable on return, so the store is writable.
    ///
    /// Throws `failed` when the token of that sequence is not the one that is stored, or another took its place.
    package func begin(_ intent: RefreshIntent, of id: GrantID) async throws(TokenStoreError) {
        try await write { [path] database, keys in
            guard let stored = try StoredLineage(id, database, keys), let condition = stored.condition,
                stored.sequence == intent.sequence
            else { throw TokenStoreError.failed(path: path, reason: "it does not hold the token to be presented") }
            guard ![.replaced, .superseded].contains(condition.standing) else {
                throw TokenStoreError.failed(path: path, reason: "another grant took the place of the one to be used")
            }
            // SQLite writes nothing for an update that changes nothing, which would prove nothing.
            if condition.intent == intent { try RefreshGrantTable.setIntent(nil, of: id, database) }
            try RefreshGrantTable.setIntent(intent, of: id, database)
        }
    }

    /// Stores that the request was never sent, or did not spend the token.
    package func endIntent(of id: GrantID) async throws(TokenStoreError) {
        try await write { database, _ in try RefreshGrantTable.setIntent(nil, of: id, database) }
    }

    /// The same, unless another intent was stored since.
    package func endIntent(_ intent: RefreshIntent, of id: GrantID) async throws(TokenStoreError) {
        try await write { database, keys in
            guard try StoredLineage(id, database, keys)?.condition?.intent == intent else { return }
            try RefreshGrantTable.setIntent(nil, of: id, database)
        }
    }

    /// Stores what the server granted, in one transaction: the grant with its next or the same refresh token, and the
    /// access token.
    ///
    /// A grant that is held afterwards has worked: its intent is closed and its client's replaced ones are deleted. A
    /// superseded one is stored too, to be revoked, and its access token is not.
    package func commit(_ grant: RefreshGrant, token: StoredToken?) async throws(TokenStoreError) -> GrantCommit {
        try await write { database, keys in
            let stored = try StoredLineage(grant.id, database, keys)
            let outcome = GrantCommit(
                of: grant,
                over: stored,
                isAnotherHeld: try RefreshGrantTable.isAnotherHeld(than: grant.id, database)
            )
            guard outcome != .outdated else { return outcome }
            let condition = GrantCondition(
                outcome == .held ? .held : .superseded,
                unconfiguredSince: stored?.condition?.unconfiguredSince
            )
            try RefreshGrantTable.put(try RefreshGrantRow(grant, key: keys.sealing), condition, database)
            if outcome == .held {
                try RefreshGrantTable.removeReplaced(by: grant, database)
                if let token { try AccessTokenTable.save(try AccessTokenRow(token, key: keys.sealing), database) }
            }
            return outcome
        }
    }

    /// Stores what a login brought, in one transaction: the grant, which is held from now on, and the access token.
    ///
    /// The one before is kept as `replaced` until this one has worked, when it is the same account's. Else its access
    /// tokens are deleted, and it is superseded, or deleted where it may be the same account's all the same. A lineage that
    /// is stored already is committed as any.
    package func commitLogin(
        _ grant: RefreshGrant,
        token: StoredToken?,
        replacing account: AccountReplacement
    ) async throws(TokenStoreError) -> GrantCommit {
        let isStored = try await write { database, keys in
            guard try StoredLineage(grant.id, database, keys) == nil else { return true }
            var account = account
            if let new = grant.subject, let before = try RefreshGrantTable.subjectHeld(before: grant, database),
                !before.utf8.elementsEqual(new.id.utf8)
            {
                account = .another
            }
            switch account {
            case .same:
                try RefreshGrantTable.replaceHeld(by: grant, database)
            case .another:
                try RefreshGrantTable.supersedeHeld(before: grant, database)
                // What came from a backup may be another machine's, and is not revoked.
                try RefreshGrantTable.removeHeld(before: grant, database)
            case .unknown:
                try RefreshGrantTable.removeHeld(before: grant, database)
            }
            if account != .same { try AccessTokenTable.removeAll(of: grant.id.client, database) }
            try RefreshGrantTable.put(try RefreshGrantRow(grant, key: keys.sealing), GrantCondition(.held), database)
            if let token { try AccessTokenTable.save(try AccessTokenRow(token, key: keys.sealing), database) }
            return false
        }
        return isStored ? try await commit(grant, token: token) : .held
    }

    /// Stores what the grant is good for, and that nothing is under way with it; nothing for one that is not stored.
    ///
    /// Throws `failed` for one that is to be held while another is.
    package func setStanding(_ standing: GrantStanding, of id: GrantID) async throws(TokenStoreError) {
        try await write { [path] database, _ in
            if standing == .held, try RefreshGrantTable.isAnotherHeld(than: id, database) {
                throw TokenStoreError.failed(path: path, reason: "it holds another grant for \(id.client)")
            }
            try RefreshGrantTable.setStanding(standing, of: id, database)
        }
    }

    /// Keeps the grant as refused; when it was held, the one whose place it had taken is held again.
    ///
    /// Returns the id of that one, nil when there is none.
    package func refuse(_ id: GrantID, _ refusal: GrantRefusal) async throws(TokenStoreError) -> GrantID? {
        try await write { database, keys in
            let condition = try StoredLineage(id, database, keys)?.condition
            try RefreshGrantTable.setStanding(.refused(refusal), of: id, database)
            guard condition?.standing == .held else {
                try RefreshGrantTable.inheritReplaced(of: id, by: condition?.replacedBy, database)
                return nil
            }
            let lineage = try RefreshGrantTable.reinstateReplaced(by: id, database)
            return lineage.map { GrantID(client: id.client, lineage: $0) }
        }
    }

    /// Deletes the grant; nothing for one that is not stored.
    package func removeGrant(_ id: GrantID) async throws(TokenStoreError) {
        try await write { database, keys in
            let heir = try StoredLineage(id, database, keys)?.condition?.replacedBy
            try RefreshGrantTable.remove(id, database)
            try RefreshGrantTable.inheritReplaced(of: id, by: heir, database)
        }
    }

    /// Deletes every grant that a client of this client_id has from there, and every access token of the client; that
    /// first tokens were taken over stays recorded.
    package func forget(
        _ client: ClientName,
        clientID: String,
        tokenEndpoint: String
    ) async throws(TokenStoreError) {
        try await write { database, _ in
            try RefreshGrantTable.removeAll(of: client, clientID: clientID, tokenEndpoint: tokenEndpoint, database)
            try AccessTokenTable.removeAll(of: client, database)
        }
    }

    /// Stores since when no client is configured as these grants need it; an earlier time stays, nil ends it.
    package func setUnconfigured(_ ids: Set<GrantID>, since: Duration?) async throws(TokenStoreError) {
        try await write { database, _ in
            for id in ids { try RefreshGrantTable.setUnconfigured(id, since: since, database) }
        }
    }

    /// Deletes the grants that have not been configured since before `limit`; returns how many.
    package func removeGrants(unconfiguredBefore limit: Duration) async throws(TokenStoreError) -> Int {
        try await write { database, _ in try RefreshGrantTable.removeAll(unconfiguredBefore: limit, database) }
    }
}
