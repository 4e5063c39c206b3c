internal import OAuth2

extension TokenSlot {
    /// What all slots of a client have, once for all of them.
    final class Commons: Sendable {
        let configuration: ClientConfiguration
        let grant: ClientGrant?
        let surroundings: Surroundings

        init(configuration: ClientConfiguration, grant: ClientGrant?, surroundings: Surroundings) {
            self.configuration = configuration
            self.grant = grant
            self.surroundings = surroundings
        }

        /// Lets the store forget the token for `target`.
        func forgetStored(_ target: TokenTarget) {
            surroundings.keeper.remove(TokenSlotID(client: configuration.name, target: target))
        }
    }
}
