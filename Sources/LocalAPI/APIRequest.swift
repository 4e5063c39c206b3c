internal import FoundationEssentials
internal import OAuth2

/// The methods that the sockets know.
package enum HTTPMethod: String, Sendable, Hashable {
    case get = "GET"
    case post = "POST"
}

/// What can be asked on the sockets.
package enum APIRequest: Sendable, Equatable {
    case token(TokenQuery)
    /// The caller was refused with this token of the client's.
    case rejected(client: String, RejectionReport)
    case watch(client: String)
    case clients
    case health
    // On the admin socket alone:
    case status
    case client(String)
    /// The status with what authorization servers say of the tokens; of one client, or of all.
    case verification(client: String?)
    case refresh(client: String, RefreshMode)
    /// Gives a client's grant up; `forgetting` it even though the authorization server cannot be told.
    case logout(client: String, forgetting: Bool)
    /// Finds out what is wrong with a client by probes, `spending` even on what the provider bills.
    case diagnosis(client: String, spending: Bool)
    /// What a login of the client takes.
    case loginPlan(client: String)
    /// Begins a login, which ends with its connection.
    case login(client: String, LoginWish)
    /// The browser came back from the client's login.
    case loginRedirect(client: String, LoginRedirect)
    case reload
    case rekey
    case backup
    /// Which rule allows the process with this number to use the client, or refuses it.
    case why(pid: Int32, client: String)
    /// The events after the one with the number `since`; `following` what comes too.
    case events(since: UInt64, following: Bool)
    case ready
    case metrics

    /// The parts of a request that decide what it asks for.
    package struct Input: Sendable {
        package var method: HTTPMethod
        /// Path and query.
        package var target: String
        package var accept: String?
        package var contentType: String?
        package var authorization: String?
        package var body: [UInt8]

        package init(
            method: HTTPMethod,
            target: String,
            accept: String? = nil,
            contentType: String? = nil,
            authorization: String? = nil,
            body: [UInt8] = []
        ) {
            self.method = method
            self.target = target
            self.accept = accept
            self.contentType = contentType
            self.authorization = authorization
            self.body = body
        }
    }

    /// Reads a request that came in on the `role` socket.
    package static func parse(_ input: Input, role: SocketRole) throws(APIError) -> APIRequest {
        // By bytes: by characters it would take longer than all else that a fetch does.
        let bytes = input.target.utf8
        guard bytes.first == UInt8(ascii: "/") else { throw notFound }
        let end = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        let path = bytes[..<end].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()
            .map { String(Substring($0)) }
        let query = end == bytes.endIndex ? "" : String(Substring(bytes[bytes.index(after: end)...]))
        switch (path.first, path.count) {
        case ("v1", 3) where path[1] == "token":
            try require(.get, input)
            return .token(try tokenQuery(client: try segment(path[2]), query: query, accept: input.accept))
        case ("v1", 4) where path[1] == "token" && path[3] == "rejected":
            try require(.post, input)
            try requireNoQuery(query)
            return .rejected(client: try segment(path[2]), RejectionReport(input))
        case ("oauth2", 2) where path[1] == "token":
            try require(.post, input)
            return .token(try tokenEndpointQuery(input, query: query))
        case ("v1", 3) where path[1] == "watch":
            try require(.get, input)
            try requireNoQuery(query)
            return .watch(client: try segment(path[2]))
        case ("v1", 2) where path[1] == "clients":
            try require(.get, input)
            try requireNoQuery(query)
            return .clients
        case ("healthz", 1):
            try require(.get, input)
            return .health
        default:
            guard role == .admin else { throw notFound }
            return try operatorRequest(path, query: query, input)
        }
    }

    static let notFound = APIError(
        .invalidRequest,
        "there is no such path on this socket",
        remedy: "Ask for /v1/token/CLIENT, or use the admin socket for operators' requests.",
        status: 404
    )

    static func require(_ method: HTTPMethod, _ input: Input) throws(APIError) {
        guard input.method == method else {
            throw APIError(
                .invalidRequest,
                "this path takes \(method.rawValue) alone",
                status: 405,
                allow: method.rawValue
            )
        }
    }

    static func requireNoQuery(_ query: String) throws(APIError) {
        guard query.isEmpty else {
            throw APIError(.invalidRequest, "this path takes no parameters")
        }
    }

    /// A part of a path, percent-decoded; `+` stands for itself there (RFC 3986 §3.3).
    static func segment(_ text: String) throws(APIError) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        let escaped = text.replacing("+", with: "%2B")
        guard let decoded = FormEncoding.decodeComponent(escaped.utf8), !hasControlCharacter(decoded) else {
            throw APIError(.invalidRequest, "the path has a malformed escape")
        }
        return decoded
    }

    /// Whether `text` has a byte that ends or changes something wherever it is printed or passed on.
    static func hasControlCharacter(_ text: String) -> Bool { text.utf8.contains { $0 < 0x20 || $0 == 0x7F } }

    private static func tokenQuery(client: String, query: String, accept: String?) throws(APIError) -> TokenQuery {
        var wanted = TokenQuery(client: client)
        if prefersPlainText(accept) { wanted.format = .plain }
        guard !query.isEmpty else { return wanted }
        guard let parameters = FormEncoding.decode(query.utf8) else {
            throw APIError(.invalidRequest, "the query has a malformed escape")
        }
        try wanted.read(parameters)
        return wanted
    }

    /// `text/plain` where it stands before JSON and anything.
    private static func prefersPlainText(_ accept: String?) -> Bool {
        guard let accept else { return false }
        for entry in accept.split(separator: ",") {
            let type = entry.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
            if type == "text/plain" { return true }
            if type == "application/json" || type == "*/*" { return false }
        }
        return false
    }
}
