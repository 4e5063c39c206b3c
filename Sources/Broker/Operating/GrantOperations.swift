internal import Diagnosis
internal import LinuxHost
internal import LocalAPI
internal import LocalServer
internal import Logging
internal import OAuth2
internal import TokenLifecycle
internal import TokenEndpoint
internal import TokenStore

/// What operators do with grants and with the store that keeps them.
struct GrantOperations: Sendable {
    let directory: ClientDirectory
    let registry: GrantRegistry
    let exchanges: TokenExchanges
    let maintenance: @Sendable () -> StoreMaintenance?
    let time: TimeSource
    let logger: Logger

    /// What ends by itself is not waited for longer, as the operator waits for the grant to be forgotten.
    private static let accessTokensPatience: Duration = .seconds(5)

    // MARK: Refresh

    /// What comes before a refresh that is more than an ordinary one; the operator's word counts at once.
    func prepare(_ name: String, _ mode: RefreshMode) async throws(APIError) {
        let (client, grant) = try self.grant(of: name)
        switch mode {
        case .ordinary:
            break
        case .trustingRestored:
            do throws(TokenStoreError) {
                try await registry.trust(grant)
            } catch {
                throw storeFailure(error, name, "the restored grant could not be taken up")
            }
        case .retakingFirstToken:
            try registry.firstTokens.retake(of: client, for: grant)
        }
    }

    private func grant(of name: String) throws(APIError) -> (Client, ClientGrant) {
        guard let client = directory.snapshot.clients[name] else { throw .unknownClient(name) }
        guard let grant = client.grant else {
            throw APIError(
                .invalidRequest,
                "the client keeps no grant: it presents its own credentials",
                client: name,
                remedy: "Name a client whose grant is refresh_token, authorization_code or device_code."
            )
        }
        return (client, grant)
    }

    // MARK: Logout

    /// Revokes the grant, then forgets it; what fails first is told, and what could not be revoked is kept.
    func logout(_ name: String, forgetting: Bool) async throws(APIError) -> LogoutDocument {
        let (client, grant) = try self.grant(of: name)
        // In its turn: a rotation under way ends first, so that the newest refresh token is the one that is revoked.
        let outcome = await grant.withTurn { await logout(client, grant, forgetting: forgetting) }
        return try outcome.get()
    }

    private func logout(
        _ client: Client,
        _ grant: ClientGrant,
        forgetting: Bool
    ) async -> Result<LogoutDocument, APIError> {
        let name = client.name.value
        var isRevoked = false
        var note: String?
        if let held = grant.report().grant {
            do throws(RevocationFailure) {
                isRevoked = try await exchanges.revoke(held.refreshToken, of: client.configuration)
                // What it replaced is given up too, as far as it goes.
                for other in registry.relatives(of: grant) {
                    _ = try? await exchanges.revoke(other.refreshToken, of: client.configuration)
                }
                if isRevoked {
                    await revokeAccessTokens(of: client)
                } else {
                    note = "Not revoked: no revocation_endpoint is known for this client."
                }
            } catch {
                let explanation = Diagnosis.explain(
                    error.reason,
                    client: client.name,
                    provider: client.configuration.spokenProvider
                )
                guard forgetting else { return .failure(.notRevoked(name, explanation, error.reason)) }
                note = "Not revoked: \(explanation.summary)"
            }
        } else {
            // A login may have brought an access token alone.
            await revokeAccessTokens(of: client)
            note = "There was no grant to revoke."
        }
        do throws(TokenStoreError) {
            try await registry.forget(grant)
        } catch {
            let what = isRevoked ? "the grant was revoked, but is not forgotten" : "the grant is not forgotten"
            return .failure(storeFailure(error, name, what))
        }
        logger.write(.loggedOut, ["client": "\(name)", "revoked": "\(isRevoked)"])
        return .success(LogoutDocument(client: name, revoked: isRevoked, forgotten: true, note: note))
    }

    /// A server should end them with their refresh token (RFC 7009 §2.1), and not every one does; some take no access
    /// tokens back, and are not asked about a second.
    private func revokeAccessTokens(of client: Client) async {
        let end = time.now().sinceBoot + Self.accessTokensPatience
        for slot in client.slots where time.now().sinceBoot < end {
            guard let token = slot.memory().kept?.token.value else { continue }
            guard (try? await exchanges.revoke(token, .accessToken, of: client.configuration)) == true else { return }
        }
    }

    private func storeFailure(_ error: TokenStoreError, _ name: String, _ what: String) -> APIError {
        APIError(.serverError, "\(what): \(error.problem)", client: name, remedy: error.remedy)
    }

    // MARK: The store

    private func store() throws(APIError) -> StoreMaintenance {
        guard let maintenance = maintenance() else {
            throw APIError(.temporarilyUnavailable, "the broker is stopping", retryAfter: 1)
        }
        return maintenance
    }

    /// Seals everything anew with the first of the configured keys, or with a new one of the daemon's own.
    func rekey() async throws(APIError) -> RekeyDocument {
        let count = try await store().rekey()
        logger.write(.stateResealed, ["rows": "\(count)"])
        return RekeyDocument(resealed: count)
    }

    /// Streams a copy of the database, sealed as it is, in which grants that rotate are marked as restored.
    func backUp(responder: Responder) async throws(APIError) {
        let copy = try await store().backUp()
        responder.beginStream(contentType: "application/vnd.sqlite3", isWhole: true)
        do throws(HostError) {
            while true {
                let chunk = try copy.read(maximumBytes: StoreMaintenance.chunkByteCount)
                guard !chunk.isEmpty else { return responder.endStream() }
                guard await responder.sendChunkAndWait(chunk) else { return }
            }
        } catch {
            logger.write(.backupBrokeOff, ["reason": "\(error)"])
            responder.breakStreamOff()
        }
    }
}

extension APIError {
    fileprivate static func notRevoked(
        _ client: String,
        _ explanation: Explanation,
        _ failure: TokenEndpointFailure
    ) -> APIError {
        APIError(
            failure.errorCode,
            "the grant was not revoked, and is kept: \(explanation.summary)",
            client: client,
            remedy: "Try again, or forget it without revoking: `tokenctl logout --forget \(client)`.",
            retryAfter: failure.errorCode == .temporarilyUnavailable ? 1 : nil,
            cause: failure.error,
            likelyCause: explanation.likelyCause?.rawValue
        )
    }
}
