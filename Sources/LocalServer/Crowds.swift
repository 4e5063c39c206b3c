/// Pollers for parties that have many connections.
///
/// A look at everybody finds the many connections of one party as one ready descriptor, so that however many they are,
/// others do not wait behind more than a batch of them.
struct Crowds {
    private struct Crowd {
        let poller: Poller
        var members = 0
    }

    /// Connections of one party that are served before the next look at everybody: what a quarter of a millisecond does.
    private static let batch = 64

    private var byParty: [Party: Crowd] = [:]
    private var parties: [Int32: Party] = [:]

    /// The poller that `descriptor` is of.
    subscript(descriptor: Int32) -> Poller? { parties[descriptor].flatMap { byParty[$0]?.poller } }

    /// The poller for one more connection of a party; `everybody` itself where there is no descriptor for another.
    mutating func join(_ party: Party, beside everybody: Poller) -> Poller {
        if byParty[party] == nil {
            guard let poller = try? Poller(batch: Self.batch), everybody.add(poller.descriptor, Poller.readable) else {
                return everybody
            }
            byParty[party] = Crowd(poller: poller)
            parties[poller.descriptor] = party
        }
        byParty[party]?.members += 1
        return byParty[party]?.poller ?? everybody
    }

    /// A connection of a party that was polled by `poller` is gone.
    mutating func leave(_ party: Party, _ poller: Poller) {
        guard let crowd = byParty[party], crowd.poller === poller else { return }
        byParty[party]?.members -= 1
        guard crowd.members == 1 else { return }
        byParty[party] = nil
        parties[poller.descriptor] = nil
    }
}
