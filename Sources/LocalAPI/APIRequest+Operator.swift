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
        if path.first == "v1", path.count >= 4, path[1] == "clients", path[3] == "login" {
            return try loginRequest(path.dropFirst(4), client: try segment(path[2]), query: query, input)
        }
        if path.first == "v1", path.count == 4, path[1] == "clients" {
            return try clientRequest(path[3], client: path[2], query: query, input)
        }
        if path == ["v1", "why"] || path == ["v1", "events"] {
            try require(.get, input)
            return path[1] == "why" ? try why(query) : try events(query)
        }
        if path == ["v1", "status"] || path.count == 3 && path[0] == "v1" && path[1] == "clients" {
            return try status(of: path.count == 3 ? try segment(path[2]) : nil, query: query, input)
        }
        let (method, request): (HTTPMethod, APIRequest)
        switch (path.first, path.count) {
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

    private static func status(of client: String?, query: String, _ input: Input) throws(APIError) -> APIRequest {
        try require(.get, input)
        let isVerified = try isTrue("verify", in: try parameters(query, among: ["verify"]))
        return isVerified ? .verification(client: client) : client.map { .client($0) } ?? .status
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
        case "diagnose":
            try require(.post, input)
            let isSpending = try isTrue("spend", in: try parameters(query, among: ["spend"]))
            return .diagnosis(client: try segment(client), spending: isSpending)
        case "logout":
            try require(.post, input)
            return .logout(client: try segment(client), forgetting: try wish(query, among: ["forget"]) != nil)
        default:
            throw notFound
        }
    }

    private static func why(_ query: String) throws(APIError) -> APIRequest {
        let parameters = try parameters(query, among: ["pid", "client"])
        guard let pid = parameters["pid"].flatMap({ Int32($0) }), pid > 0 else {
            throw APIError(
                .invalidRequest,
                "the parameter pid is no number of a process",
                remedy: "Write pid=NUMBER, as ps(1) shows it."
            )
        }
        guard let client = parameters["client"], !client.isEmpty else {
            throw APIError(.invalidRequest, "the parameter client is missing", remedy: "Write client=NAME.")
        }
        return .why(pid: pid, client: client)
    }

    private static func events(_ query: String) throws(APIError) -> APIRequest {
        let parameters = try parameters(query, among: ["since", "follow"])
        guard let since = UInt64(parameters["since"] ?? "0") else {
            throw APIError(
                .invalidRequest,
                "the parameter since is no event's number",
                remedy: "Write since=NUMBER, the last one's of the answer before."
            )
        }
        return .events(since: since, following: try isTrue("follow", in: parameters))
    }

    /// The one parameter of `names` that `query` sets to `true`; nil when it sets none.
    private static func wish(_ query: String, among names: [String]) throws(APIError) -> String? {
        let parameters = try parameters(query, among: names)
        for name in parameters.keys { _ = try isTrue(name, in: parameters) }
        guard parameters.count <= 1 else {
            throw APIError(
                .invalidRequest,
                "\(names.joined(separator: " and ")) exclude each other",
                remedy: "Send one of them."
            )
        }
        return parameters.keys.first
    }

    /// Whether the parameter `name` is there; it can only be `true`.
    static func isTrue(_ name: String, in parameters: [String: String]) throws(APIError) -> Bool {
        guard let value = parameters[name] else { return false }
        guard value == "true" else {
            throw APIError(
                .invalidRequest,
                "the parameter \(name) is not true",
                remedy: "Write \(name)=true, or leave it out."
            )
        }
        return true
    }

    /// The parameters of `query`, each of which is among `names` and there once.
    static func parameters(_ query: String, among names: [String]) throws(APIError) -> [String: String] {
        guard !query.isEmpty else { return [:] }
        guard let parameters = FormEncoding.decode(query.utf8) else {
            throw APIError(.invalidRequest, "the query has a malformed escape")
        }
        var values: [String: String] = [:]
        for parameter in parameters {
            guard names.contains(parameter.name) else {
                throw APIError(
                    .invalidRequest,
                    "there is no parameter \(TokenQuery.shown(parameter.name))",
                    remedy: "Use \(names.joined(separator: " or "))."
                )
            }
            guard !hasControlCharacter(parameter.value) else {
                throw APIError(.invalidRequest, "the parameter \(parameter.name) has a control character")
            }
            guard values.updateValue(parameter.value, forKey: parameter.name) == nil else {
                throw APIError(.invalidRequest, "a parameter stands twice", remedy: "Send one of them.")
            }
        }
        return values
    }
}
