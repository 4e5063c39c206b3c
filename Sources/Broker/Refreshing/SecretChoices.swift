internal import OAuth2
internal import Synchronization

/// Which of a client's secrets worked last, for clients that have several.
///
/// In memory alone: after a restart it costs one refused request to know it again.
package final class SecretChoices: Sendable {
    private struct Choice {
        let sources: [SecretSource]
        let working: Int
    }

    private let choices = Mutex<[ClientName: Choice]>([:])

    /// As whom each client was last granted a token.
    let proofs = ClientProofs()

    package init() {}

    /// The place among the client's secrets of the one that worked last; nil while none has, or they are others now.
    func working(of client: ClientConfiguration) -> Int? {
        guard let choice = choices.withLock({ $0[client.name] }), choice.sources == client.secrets else { return nil }
        return choice.working
    }

    /// The places of the client's secrets in the order in which they are tried.
    func order(of client: ClientConfiguration) -> [Int] {
        guard let working = working(of: client) else { return Array(client.secrets.indices) }
        return [working] + client.secrets.indices.filter { $0 != working }
    }

    /// The secret at that place worked; returns whether it is another than was to be expected.
    func worked(_ place: Int, of client: ClientConfiguration) -> Bool {
        guard client.secrets.count > 1 else { return false }
        let expected = order(of: client).first
        choices.withLock { $0[client.name] = Choice(sources: client.secrets, working: place) }
        return place != expected
    }

    /// These clients are not configured any more.
    func forget(_ clients: [ClientName]) {
        proofs.forget(clients)
        choices.withLock { choices in
            for client in clients { choices[client] = nil }
        }
    }
}
