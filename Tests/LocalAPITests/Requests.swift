import LocalAPI

/// A GET of `target`.
func get(_ target: String, accept: String? = nil, role: SocketRole = .token) throws -> APIRequest {
    try APIRequest.parse(APIRequest.Input(method: .get, target: target, accept: accept), role: role)
}

/// A POST of a form to the token endpoint.
func form(
    _ body: String,
    authorization: String? = nil,
    contentType: String? = "application/x-www-form-urlencoded",
    target: String = "/oauth2/token"
) throws -> APIRequest {
    let input = APIRequest.Input(
        method: .post,
        target: target,
        contentType: contentType,
        authorization: authorization,
        body: Array(body.utf8)
    )
    return try APIRequest.parse(input, role: .token)
}

/// What a request was refused with; nil when it was not.
func refusal(_ request: () throws -> APIRequest) -> APIError? {
    do {
        _ = try request()
        return nil
    } catch {
        return error as? APIError
    }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
