internal import OAuth2
internal import TokenLifecycle

/// STATUS= in one line: "12 clients: 11 fresh, 1 misconfigured (billing)".
enum StatusLine {
    /// More names would not fit a terminal's line.
    static let maximumNames = 5

    static func text(_ clients: [(name: ClientName, state: SlotState)], alarms: [Alarms.Standing]) -> String {
        guard !clients.isEmpty else { return "0 clients" + suffix(alarms) }
        var names: [SlotState: [String]] = [:]
        for client in clients { names[client.state, default: []].append(client.name.value) }
        let parts = names.sorted { $0.key < $1.key }.map { state, names in
            let text = "\(names.count) \(state.rawValue)"
            guard state.needsAttention else { return text }
            let more = names.count > maximumNames ? ", …" : ""
            return text + " (" + names.prefix(maximumNames).joined(separator: ", ") + more + ")"
        }
        let noun = clients.count == 1 ? "client" : "clients"
        return "\(clients.count) \(noun): " + parts.joined(separator: ", ") + suffix(alarms)
    }

    private static func suffix(_ alarms: [Alarms.Standing]) -> String {
        alarms.isEmpty ? "" : "; ALARM: " + alarms.map(\.message).joined(separator: "; ")
    }
}

extension SlotState {
    /// Whether an operator wants to know which client it is.
    fileprivate var needsAttention: Bool {
        switch self {
        case .idle, .fetching, .fresh, .refreshing: false
        case .retrying, .expired, .loginRequired, .misconfigured: true
        }
    }
}
