import OAuth2

/// An answer of a token endpoint, for tests; its length is stated, as that of almost every answer is.
func answer(
    _ status: Int,
    _ body: some Sequence<UInt8>,
    type: String? = "application/json",
    headers: [(name: String, value: String)] = []
) -> HTTPAnswer {
    let contentType = type.map { [(name: "content-type", value: $0)] } ?? []
    let body = Array(body)
    let length = [(name: "Content-Length", value: "\(body.count)")]
    return HTTPAnswer(status: status, headers: contentType + length + headers, body: body, now: now)
}

func answer(
    _ status: Int,
    _ body: String,
    type: String? = "application/json",
    headers: [(name: String, value: String)] = []
) -> HTTPAnswer {
    answer(status, Array(body.utf8), type: type, headers: headers)
}

/// 2026-01-01 00:00:00 UTC.
let now = Duration.seconds(1_767_225_600)

func granted(_ answer: HTTPAnswer) throws -> TokenResponse {
    try TokenAnswer.read(answer, grant: .clientCredentials).get()
}

/// The failure that `answer` is, or nil when it grants a token.
func failure(_ answer: HTTPAnswer, presented: [Secret] = []) -> TokenEndpointFailure? {
    switch TokenAnswer.read(answer, grant: .clientCredentials, presented: presented) {
    case .success: nil
    case .failure(let failure): failure
    }
}
