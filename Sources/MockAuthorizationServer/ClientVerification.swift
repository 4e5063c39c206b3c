import Synchronization

/// Whether a client is who it says it is.
extension MockAuthorizationServer {
    /// The client that a request is from, proven.
    func verifiedClient(of arrival: Arrival) throws(OAuthError) -> RegisteredClient {
        try arrival.credentials.get().verified(by: configuration.clients)
    }

    /// The registration of `id`; one made up for it at a server that takes any client.
    func registration(of id: String) -> RegisteredClient? {
        switch configuration.clients {
        case .any: RegisteredClient(id: id, grants: GrantType.all)
        case .registered(let registered): registered.first { $0.id == id }
        }
    }
}
