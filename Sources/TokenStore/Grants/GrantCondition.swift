import OAuth2

/// The part of a row of `refresh_grant` that changes without a new seal: what the grant is good for, and what is
/// under way with it.
struct GrantCondition: Sendable, Equatable {
    var standing: GrantStanding
    var intent: RefreshIntent?
    var unconfiguredSince: Duration?

    /// The lineage that took the place of a `replaced` grant, so that it can be given back to it.
    var replacedBy: GrantLineage?

    init(_ standing: GrantStanding, intent: RefreshIntent? = nil, unconfiguredSince: Duration? = nil) {
        self.standing = standing
        self.intent = intent
        self.unconfiguredSince = unconfiguredSince
    }
}

extension GrantStanding {
    /// What the column `standing` says.
    enum Name: String, Sendable {
        case held, refused, restored, replaced, superseded
    }

    var name: Name {
        switch self {
        case .held: .held
        case .refused: .refused
        case .restored: .restored
        case .replaced: .replaced
        case .superseded: .superseded
        }
    }

    var refusal: GrantRefusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }

    /// Nil when a refused grant comes without its refusal.
    init?(_ name: Name, refusal: GrantRefusal?) {
        switch name {
        case .held: self = .held
        case .restored: self = .restored
        case .replaced: self = .replaced
        case .superseded: self = .superseded
        case .refused:
            guard let refusal else { return nil }
            self = .refused(refusal)
        }
    }
}
