/// Which behaviour the next request meets.
struct BehaviourScript: Sendable {
    private struct Key: Hashable {
        var endpoint: Endpoint
        var client: String?
    }

    private struct Counted {
        var behaviour: Behaviour
        var times: Int
    }

    private var counted: [Key: [Counted]] = [:]
    private var standing: [Key: Behaviour] = [:]

    mutating func set(_ behaviour: Behaviour, endpoint: Endpoint, client: String?, times: Int?) {
        let key = Key(endpoint: endpoint, client: client)
        if let times {
            if times > 0 { counted[key, default: []].append(Counted(behaviour: behaviour, times: times)) }
        } else {
            standing[key] = behaviour
        }
    }

    /// The behaviour for a request that is here now; one for some times is used up by it.
    mutating func next(endpoint: Endpoint, client: String?) -> Behaviour {
        let keys = [Key(endpoint: endpoint, client: client), Key(endpoint: endpoint, client: nil)]
        for key in keys {
            guard var queue = counted[key], var first = queue.first else { continue }
            first.times -= 1
            if first.times > 0 { queue[0] = first } else { queue.removeFirst() }
            counted[key] = queue
            return first.behaviour
        }
        return standing[keys[0]] ?? standing[keys[1]] ?? .normal
    }
}
