package import OAuth2

/// One entry of `allow`: what a caller must be, all of it, and what it may then ask for besides the client's own set.
package struct AllowRule: Sendable, Hashable {
    package var user: Principal?
    package var group: Principal?

    /// A system unit's whole name, `billing.service`.
    package var unit: String?

    /// A unit of the user's own service manager; together with `user`.
    package var userUnit: String?

    package var scopes: ScopeSet = .none
    package var audiences: [String] = []
    package var resources: [String] = []

    package init(
        user: Principal? = nil,
        group: Principal? = nil,
        unit: String? = nil,
        userUnit: String? = nil,
        scopes: ScopeSet = .none,
        audiences: [String] = [],
        resources: [String] = []
    ) {
        self.user = user
        self.group = group
        self.unit = unit
        self.userUnit = userUnit
        self.scopes = scopes
        self.audiences = audiences
        self.resources = resources
    }
}
