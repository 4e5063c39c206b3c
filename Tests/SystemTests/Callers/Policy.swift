/// Who may use a client, as an operator writes it; each has a client of its own on the policy machine.
enum Policy: String, CaseIterable, Sendable {
    case none
    case nobody
    case userByName = "user-by-name"
    case userByNumber = "user-by-number"
    case groupByName = "group-by-name"
    case groupByNumber = "group-by-number"
    case userAndGroup = "user-and-group"
    case unknownUser = "unknown-user"
    case unknownGroup = "unknown-group"
    case overflowNumber = "overflow-number"
    case recycledNumber = "recycled-number"
    case recycledGroup = "recycled-group"
    case dynamicUser = "dynamic-user"
    case daemonUser = "daemon-user"
    case unit
    case slicedUnit = "sliced-unit"
    case templateInstance = "template-instance"
    case template
    case dynamicUnit = "dynamic-unit"
    case posingUnit = "posing-unit"
    case dividedUnit = "divided-unit"
    case scope
    case session
    case userManager = "user-manager"
    case userAndUnit = "user-and-unit"
    case groupAndUnit = "group-and-unit"
    case userUnit = "user-unit"
    case dividedUserUnit = "divided-user-unit"
    case several
    case additions

    /// The value of `allow`; nil where there is none.
    private var allow: String? {
        switch self {
        case .none: nil
        case .nobody: "[]"
        case .userByName: #"[{ user = "ann" }]"#
        case .userByNumber: "[{ user = 20001 }]"
        case .groupByName: #"[{ group = "finance" }]"#
        case .groupByNumber: "[{ group = 21001 }]"
        case .userAndGroup: #"[{ user = "ann", group = "finance" }]"#
        case .unknownUser: #"[{ user = "nosuchuser" }]"#
        case .unknownGroup: #"[{ group = "nosuchgroup" }]"#
        case .overflowNumber: "[{ user = 65534 }]"
        case .recycledNumber: "[{ user = 61200 }]"
        case .recycledGroup: "[{ group = 61200 }]"
        case .dynamicUser: #"[{ user = "dynamic" }]"#
        case .daemonUser: #"[{ user = "tokenbrokerd" }]"#
        case .unit: #"[{ unit = "billing.service" }]"#
        case .slicedUnit: #"[{ unit = "sliced.service" }]"#
        case .templateInstance: #"[{ unit = "job@1.service" }]"#
        case .template: #"[{ unit = "job@.service" }]"#
        case .dynamicUnit: #"[{ unit = "dynamic.service" }]"#
        case .posingUnit: #"[{ unit = "posing.service" }]"#
        case .dividedUnit: #"[{ unit = "divided.service" }]"#
        case .scope: #"[{ unit = "batch.scope" }]"#
        case .session: #"[{ unit = "session-1.scope" }]"#
        case .userManager: #"[{ unit = "user@20001.service" }]"#
        case .userAndUnit: #"[{ user = "billing", unit = "billing.service" }]"#
        case .groupAndUnit: #"[{ group = "finance", unit = "billing.service" }]"#
        case .userUnit: #"[{ user = "ann", user_unit = "billing.service" }]"#
        case .dividedUserUnit: #"[{ user = "ann", user_unit = "divided.service" }]"#
        case .several:
            #"[{ user = "nosuchuser" }, { user = "bob" }, { group = "finance" }, { unit = "job@2.service" }]"#
        case .additions:
            """
            [{ user = "bob" }, { group = "finance", scopes = ["more"], audiences = ["https://a.example"], \
            resources = ["https://r.example"] }]
            """
        }
    }

    /// Its client in TOML.
    func client(at tokenEndpoint: String) -> String {
        """
        [clients.\(rawValue)]
        token_endpoint = "\(tokenEndpoint)"
        client_id = "\(rawValue)-id"
        client_authentication = "none"
        scopes = ["own"]
        \(allow.map { "allow = \($0)" } ?? "")

        """
    }
}
