import Testing

/// A caller that asks for the token of a client, and what comes of it.
struct PolicyRow: Sendable, CustomTestStringConvertible {
    enum Expectation: String, Sendable {
        case allowed = "is allowed"
        case denied = "is denied"
        /// It may use the client, and asks for more than it may.
        case beyond = "asks too much"

        var status: Int {
            switch self {
            case .allowed: 200
            case .denied: 403
            case .beyond: 400
            }
        }

        var error: String? {
            switch self {
            case .allowed: nil
            case .denied: "access_denied"
            case .beyond: "invalid_scope"
            }
        }
    }

    let policy: Policy
    let caller: CallingProcess
    let expectation: Expectation
    var query = ""

    var request: String { "GET /v1/token/\(policy.rawValue)\(query.isEmpty ? "" : "?\(query)")" }

    var testDescription: String {
        "\(caller.testDescription) \(expectation.rawValue) by \(policy.rawValue)\(query.isEmpty ? "" : ": \(query)")"
    }
}

extension PolicyRow {
    static let table = numbers + systemUnits + userUnits + combinations + targets

    private static func rows(
        _ policy: Policy,
        allowed: [CallingProcess] = [],
        denied: [CallingProcess] = []
    ) -> [PolicyRow] {
        allowed.map { PolicyRow(policy: policy, caller: $0, expectation: .allowed) }
            + denied.map { PolicyRow(policy: policy, caller: $0, expectation: .denied) }
    }

    /// Who the caller is.
    private static let numbers =
        rows(.none, allowed: [.root, .daemonItself], denied: [.ann, .overflow, .recycled, .billingService])
        + rows(.nobody, denied: [.root, .daemonItself, .ann])
        + rows(.userByName, allowed: [.ann, .annOfFinance, .annsService], denied: [.root, .bob, .stranger])
        + rows(.userByNumber, allowed: [.ann], denied: [.root, .bob, .daemonItself])
        + rows(
            .groupByName,
            allowed: [.annOfFinance, .bobOfFinance, .rootOfFinance, .annOfMany],
            denied: [.root, .ann, .bobOfAuditors]
        )
        // A number says nothing of a process that has the group besides.
        + rows(.groupByNumber, allowed: [.annOfFinance, .bobOfFinance, .recycledOfFinance, .overflowOfFinance])
        + rows(.unknownUser, denied: [.root, .ann])
        + rows(.unknownGroup, denied: [.root, .annOfFinance])
        + rows(.overflowNumber, denied: [.overflow, .root])
        + rows(.recycledNumber, denied: [.recycled])
        + rows(.recycledGroup, denied: [.ofRecycledGroup])
        + rows(.dynamicUser, denied: [.dynamicService])
        + rows(.daemonUser, denied: [.daemonItself])

    /// Which unit of the system it runs in.
    private static let systemUnits =
        rows(
            .unit,
            allowed: [.billingService],
            denied: [.root, .billing, .otherService, .nested, .container, .annsService, .annsNested]
        )
        + rows(.slicedUnit, allowed: [.slicedService], denied: [.billingService])
        + rows(.templateInstance, allowed: [.firstJob], denied: [.secondJob])
        + rows(.template, denied: [.firstJob])
        + rows(.dynamicUnit, allowed: [.dynamicService], denied: [.billingService])
        + rows(.posingUnit, denied: [.posing])
        + rows(.dividedUnit, allowed: [.nested])
        + rows(.scope, allowed: [.batchScope], denied: [.batchScopeInUserSlice])
        + rows(.session, denied: [.session])
        + rows(.userManager, denied: [.annsService])

    /// Which unit of a user's manager.
    private static let userUnits =
        rows(
            .userUnit,
            allowed: [.annsService],
            denied: [.annsOtherService, .bobsService, .annsNested, .ann, .billingService]
        )
        + rows(.dividedUserUnit, allowed: [.annsNested])

    /// All keys of an entry hold, or another entry does.
    private static let combinations =
        rows(.userAndGroup, allowed: [.annOfFinance], denied: [.ann, .bobOfFinance])
        + rows(.userAndUnit, allowed: [.billingService], denied: [.billing, .otherService, .annsService])
        + rows(.groupAndUnit, denied: [.billingService, .annOfFinance])
        + rows(.several, allowed: [.bob, .annOfFinance, .secondJob], denied: [.ann, .firstJob, .root])

    /// What it may ask for.
    private static let targets = [
        ("scope=own", .annOfFinance, .allowed), ("scope=more", .annOfFinance, .allowed),
        ("scope=own+more", .annOfFinance, .allowed), ("scope=other", .annOfFinance, .beyond),
        ("scope=more+other", .annOfFinance, .beyond), ("audience=https://a.example", .annOfFinance, .allowed),
        ("audience=https://b.example", .annOfFinance, .beyond), ("resource=https://r.example", .annOfFinance, .allowed),
        ("resource=https://r.example&resource=https://s.example", .annOfFinance, .beyond),
        // Additions are for those whom their entry fits.
        ("scope=own", .bob, .allowed), ("scope=more", .bob, .beyond), ("audience=https://a.example", .bob, .beyond),
        ("scope=more", .bobOfFinance, .allowed),
        // Whoever is not allowed does not hear what it might have asked for.
        ("scope=more", .ann, .denied), ("scope=other", .ann, .denied), ("resource=https://r.example", .root, .denied),
    ].map { (query: String, caller: CallingProcess, expectation: Expectation) in
        PolicyRow(policy: .additions, caller: caller, expectation: expectation, query: query)
    }
}
