import LocalAPI
import OAuth2
import Testing

@Suite("A report of a refused token") struct RejectedRequestTests {
    private func report(
        _ body: String,
        contentType: String? = "application/json",
        target: String = "/v1/token/billing/rejected",
        role: SocketRole = .token
    ) throws -> APIRequest {
        try report(Array(body.utf8), contentType: contentType, target: target, role: role)
    }

    private func report(
        _ body: [UInt8],
        contentType: String? = "application/json",
        target: String = "/v1/token/billing/rejected",
        role: SocketRole = .token
    ) throws -> APIRequest {
        let input = APIRequest.Input(method: .post, target: target, contentType: contentType, body: body)
        return try APIRequest.parse(input, role: role)
    }

    private struct Other: Error {}

    /// What the report is refused with once somebody reads it.
    private func refusalOfReport(_ request: () throws -> APIRequest) -> APIError? {
        refusal {
            let request = try request()
            if case .rejected(_, let report) = request { _ = try report.token() }
            return request
        }
    }

    @Test(
        "names its client in the path and the token in the body, whatever else that says, on both sockets",
        arguments: [
            (#"{"access_token":"abc"}"#, "abc"),
            (" {\r\n\t\"access_token\" : \"a.b-c_d~e+f/g==\" }\n", "a.b-c_d~e+f/g=="),
            (#"{"format_version":9,"access_token":"abc","reason":{"a":[1,null,{}]},"accessToken":7}"#, "abc"),
            (#"{"access_token":"\u0061\"\\\/é\u0000"}"#, "a\"\\/é\0"),
        ]
    )
    func understood(body: String, token: String) throws {
        for role in [SocketRole.token, .admin] {
            let request = try report(body, target: "/v1/token/a%2Fb/rejected", role: role)
            guard case .rejected(client: "a/b", let report) = request else { throw Other() }
            #expect(try report.token() == Secret(token))
            #expect(!"\(request)".contains("abc"))
        }
    }

    @Test(
        "that is none is refused, and never quoted",
        arguments: [
            "", " ", "{", "{}", "[]", "null", "7", #""hunter2""#, "hunter2", #"["hunter2"]"#, #"{"access_token":7}"#,
            #"{"access_token":null}"#, #"{"access_token":true}"#, #"{"access_token":["hunter2"]}"#,
            #"{"access_token":{"access_token":"hunter2"}}"#, #"{"accessToken":"hunter2"}"#,
            #"{"Access_Token":"hunter2"}"#, #"{"token":"hunter2"}"#, #"{"access_token":"hunter2""#,
            #"{"access_token":"hunter2"}}"#, #"{"access_token":"hunter2"} {}"#, #"{access_token:"hunter2"}"#,
            #"{'access_token':'hunter2'}"#, "access_token=hunter2", #"{"access_token":"\ud800hunter2"}"#,
            "{\"access_token\":\"hunter2\u{0}\"}", String(repeating: "[", count: 16_384),
            String(repeating: #"{"a":"#, count: 3_000) + #"{"access_token":"hunter2"}"#,
        ]
    )
    func malformed(body: String) throws {
        let error = try #require(refusalOfReport { try report(body) })
        #expect(error.code == .invalidRequest && error.status() == 400)
        #expect(error.summary == "the body is no JSON object with the text access_token")
        #expect(error.remedy?.contains(#"{"access_token":"…"}"#) == true)
        #expect(!"\(error)".contains("hunter2"))
    }

    @Test("with a token of nothing is refused")
    func empty() throws {
        let error = try #require(refusalOfReport { try report(#"{"access_token":""}"#) })
        #expect(error.code == .invalidRequest && error.summary == "access_token is empty")
    }

    @Test("in another encoding than UTF-8 is refused")
    func encoding() throws {
        let text = #"{"access_token":"abc"}"#
        let little = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        for body in [little, [0xFF, 0xFE] + little, Array(#"{"access_token":"a"#.utf8) + [0xFF] + Array(#""}"#.utf8)] {
            #expect(refusalOfReport { try report(body) }?.code == .invalidRequest)
        }
    }

    @Test(
        "may leave out what its body is, but not call it something else",
        arguments: [
            (nil, true), ("application/json", true), ("Application/JSON ; charset=utf-8", true), ("", false),
            ("text/json", false), ("application/jsonp", false), ("application/x-www-form-urlencoded", false),
            ("text/plain", false),
        ] as [(String?, Bool)]
    )
    func contentType(contentType: String?, isTaken: Bool) throws {
        let error = refusalOfReport { try report(#"{"access_token":"abc"}"#, contentType: contentType) }
        #expect((error == nil) == isTaken)
        if let error { #expect(error.code == .invalidRequest && error.remedy?.contains("application/json") == true) }
    }

    @Test("is a POST without parameters, to this path alone")
    func path() throws {
        let error = try #require(refusal { try get("/v1/token/billing/rejected") })
        #expect(error.status() == 405 && error.allow == "POST")
        func status(_ target: String) throws -> Int? {
            refusal { try report(#"{"access_token":"abc"}"#, target: target) }?.status()
        }
        #expect(try status("/v1/token/billing/rejected?scope=a") == 400)
        #expect(try status("/v1/token/%zz/rejected") == 400)
        #expect(try status("/v1/token/billing/rejected/") == 404)
        #expect(try status("/v1/token/billing/Rejected") == 404)
        #expect(try status("/v1/clients/billing/rejected") == 404)
    }

    @Test("has these documents")
    func documents() throws {
        #expect(text(DocumentCoding.encode(RejectedTokenDocument(accessToken: "a/b"))) == #"{"access_token":"a/b"}"#)
        let answer = RejectionDocument(client: "billing", refreshing: true)
        let line = #"{"client":"billing","format_version":1,"refreshing":true}"#
        #expect(text(DocumentCoding.encode(answer)) == line)
        #expect(try DocumentCoding.decode(RejectionDocument.self, from: Array(line.utf8)) == answer)
    }
}
