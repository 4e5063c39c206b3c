/// What a token is asked for: scope, audience and resources (RFC 8707).
package struct TokenTarget: Sendable, Hashable {
    package let scope: ScopeSet
    package let audience: String?

    /// Resource indicators, sorted and each once.
    package let resource: [String]

    package init(scope: ScopeSet = .none, audience: String? = nil, resource: [String] = []) {
        self.scope = scope
        self.audience = audience
        self.resource = Set(resource).sorted()
    }
}

extension TokenTarget: Comparable {
    /// An order for lists that people read: by scope, then audience, then resources.
    package static func < (left: TokenTarget, right: TokenTarget) -> Bool {
        // As their wire values, since nothing in a scope token comes before the space that parts them.
        guard left.scope == right.scope else {
            return left.scope.tokens.lexicographicallyPrecedes(right.scope.tokens)
        }
        let audiences = (left.audience ?? "", right.audience ?? "")
        guard audiences.0 == audiences.1 else { return audiences.0 < audiences.1 }
        return left.resource.lexicographicallyPrecedes(right.resource)
    }
}

/// Names the place of one access token: a client and what its token is for.
package struct TokenSlotID: Sendable, Hashable {
    package let client: ClientName
    package let target: TokenTarget

    package init(client: ClientName, target: TokenTarget) {
        self.client = client
        self.target = target
    }
}
