internal import FoundationEssentials
internal import OAuth2

extension APIRequest {
    /// A request as an OAuth library makes it (RFC 6749 §4.4.2), with the client's name as its `client_id`.
    static func tokenEndpointQuery(_ input: Input, query: String) throws(APIError) -> TokenQuery {
        guard query.isEmpty else {
            throw APIError(.invalidRequest, "the token endpoint takes its parameters in the body")
        }
        let type = (input.contentType ?? "").prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
        guard type == "application/x-www-form-urlencoded" else {
            throw APIError(.invalidRequest, "the body must be application/x-www-form-urlencoded")
        }
        guard let parameters = FormEncoding.decode(input.body) else {
            throw APIError(.invalidRequest, "the form has a malformed escape")
        }
        let header = try basicUser(input.authorization)
        let inForm = parameters.first { $0.name == "client_id" }?.value
        if let header, let inForm, header != inForm {
            throw APIError(.invalidRequest, "the Basic user and client_id name different clients")
        }
        guard let client = inForm ?? header else {
            throw APIError(
                .invalidRequest,
                "no client is named",
                remedy: "Send the client's name as client_id."
            )
        }
        var wanted = TokenQuery(client: client, asTokenEndpoint: true)
        try wanted.read(parameters, also: ["grant_type", "client_id", "client_secret"])
        switch parameters.first(where: { $0.name == "grant_type" })?.value {
        case "client_credentials":
            return wanted
        case nil:
            throw APIError(.invalidRequest, "grant_type is missing", client: client)
        default:
            throw APIError(
                .unsupportedGrantType,
                "callers get tokens by client_credentials alone",
                client: client,
                remedy: "Ask with grant_type=client_credentials: how the broker gets the token is its own affair."
            )
        }
    }

    /// The user of a Basic header, form-decoded (RFC 6749 §2.3.1); the password is not looked at.
    private static func basicUser(_ authorization: String?) throws(APIError) -> String? {
        guard let authorization else { return nil }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic",
            let credentials = Data(base64Encoded: String(parts[1])),
            let colon = credentials.firstIndex(of: UInt8(ascii: ":")),
            let user = FormEncoding.decodeComponent(credentials[..<colon]), !user.isEmpty,
            !hasControlCharacter(user)
        else {
            throw APIError(.invalidRequest, "the Authorization header is no Basic credentials")
        }
        return user
    }
}
