internal import OAuth2

/// What an operator wants of a refresh beyond a new token.
package enum RefreshMode: Sendable, Hashable {
    case ordinary

    /// Takes a grant from a backup for unspent, by the operator's word.
    case trustingRestored

    /// Takes the first refresh token over once more, by the operator's word that it was never rotated.
    case retakingFirstToken
}

extension APIRequest {
    /// Reads a request that only the admin socket knows.
    static func operatorRequest(_ path: [String], query: String, _ input: Input) throws(APIError) -> APIRequest {
        if path.first == "v1", path.count == 4, path[1] == "clients" {
            return try clientRequest(path[3], client: path[2], query: query, input)
        }
        let (method, request): (HTTPMethod, APIRequest)
        switch (path.first, path.count) {
        case ("v1", 2) where path[1] == "status": (method, request) = (.get, .status)
        case ("v1", 3) where path[1] == "clients": (method, request) = (.get, .client(try segment(path[2])))
        case ("v1", 2) where path[1] == "reload": (method, request) = (.post, .reload)
        case ("v1", 2) where path[1] == "rekey": (method, request) = (.post, .rekey)
        case ("v1", 2) where path[1] == "backup": (method, request) = (.post, .backup)
        case ("readyz", 1): (method, request) = (.get, .ready)
        case ("metrics", 1): (method, request) = (.get, .metrics)
        default: throw notFound
        }
        try require(method, input)
        try requireNoQuery(query)
        return request
    }

    private static func clientRequest(
        _ operation: String,
        client: String,
        query: String,
        _ input: Input
    ) throws(APIError) -> APIRequest {
        switch operation {
        case "refresh":
            try require(.post, input)
            let client = try segment(client)
            switch try wish(query, among: ["trust_restored", "retake_first_token"]) {
            case "trust_restored": return .refresh(client: client, .trustingRestored)
            case "retake_first_token": return .refresh(client: client, .retakingFirstToken)
            default: return .refresh(client: client, .ordinary)
            }
        case "logout":
            try require(.post, input)
            return .logout(client: try segment(client), forgetting: try wish(query, among: ["forget"]) != nil)
        default:
            throw notFound
        }
    }

    /// The one parameter of `names` that `query` sets to `true`; nil when it sets none.
    private static func wish(_ query: String, among names: [String]) throws(APIError) -> String? {
        guard !query.isEmpty else { return nil }
        guard let parameters = FormEncoding.decode(query.utf8) else {
            throw APIError(.invalidRequest, "the query has a malformed escape")
        }
        for parameter in parameters {
            guard names.contains(parameter.name) else {
                throw APIError(
                    .invalidRequest,
                    "there is no parameter \(TokenQuery.shown(parameter.name))",
                    remedy: "Use \(names.joined(separator: " or "))."
                )
            }
            guard parameter.value == "true" else {
                throw APIError(
                    .invalidRequest,
                    "the parameter \(parameter.name) is not true",
                    remedy: "Write \(parameter.name)=true, or leave it out."
                )
            }
        }
        guard parameters.count <= 1 else {
            let isRepeated = Set(parameters.map(\.name)).count < parameters.count
            throw APIError(
                .invalidRequest,
                isRepeated ? "a parameter stands twice" : "\(names.joined(separator: " and ")) exclude each other",
                remedy: "Send one of them."
            )
        }
        return parameters.first?.name
    }
}
