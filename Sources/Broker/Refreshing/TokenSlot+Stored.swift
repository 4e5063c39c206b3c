internal import OAuth2
internal import TokenLifecycle
internal import TokenStore

extension TokenSlot {
    /// The slot's token as it is stored.
    func stored(_ kept: KeptToken) -> StoredToken {
        StoredToken(
            slot: id,
            token: kept.token,
            refreshAge: kept.refreshAge,
            lastAsked: lastAsked(),
            clientID: configuration.tokenOwner,
            tokenEndpoint: configuration.endpoint.url.text
        )
    }
}
