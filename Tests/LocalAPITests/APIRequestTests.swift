import LocalAPI
import Testing

@Suite("A request") struct APIRequestTests {
    /// A path, its method, what it asks for, and whether the token socket knows it.
    struct Row: Sendable {
        let method: HTTPMethod
        let target: String
        let request: APIRequest
        var isForOperators = false
    }

    static let rows: [Row] = [
        Row(method: .get, target: "/v1/token/billing", request: .token(TokenQuery(client: "billing"))),
        Row(method: .get, target: "/v1/token/billing?", request: .token(TokenQuery(client: "billing"))),
        Row(method: .get, target: "/v1/watch/billing", request: .watch(client: "billing")),
        Row(method: .get, target: "/v1/clients", request: .clients),
        Row(method: .get, target: "/healthz", request: .health),
        Row(method: .get, target: "/v1/status", request: .status, isForOperators: true),
        Row(method: .get, target: "/v1/clients/billing", request: .client("billing"), isForOperators: true),
        Row(
            method: .get,
            target: "/v1/status?verify=true",
            request: .verification(client: nil),
            isForOperators: true
        ),
        Row(
            method: .get,
            target: "/v1/clients/billing?verify=true",
            request: .verification(client: "billing"),
            isForOperators: true
        ),
        Row(
            method: .post,
            target: "/v1/clients/billing/refresh",
            request: .refresh(client: "billing", .ordinary),
            isForOperators: true
        ),
        Row(
            method: .post,
            target: "/v1/clients/billing/logout",
            request: .logout(client: "billing", forgetting: false),
            isForOperators: true
        ),
        Row(method: .post, target: "/v1/reload", request: .reload, isForOperators: true),
        Row(method: .post, target: "/v1/rekey", request: .rekey, isForOperators: true),
        Row(method: .post, target: "/v1/backup", request: .backup, isForOperators: true),
        Row(method: .get, target: "/readyz", request: .ready, isForOperators: true),
        Row(method: .get, target: "/metrics", request: .metrics, isForOperators: true),
    ]

    private func parse(_ method: HTTPMethod, _ target: String, _ role: SocketRole) throws -> APIRequest {
        try APIRequest.parse(APIRequest.Input(method: method, target: target), role: role)
    }

    @Test(
        "is known by its method and path on the admin socket, and on the token socket where it is for callers",
        arguments: rows
    )
    func known(row: Row) throws {
        #expect(try parse(row.method, row.target, .admin) == row.request)
        if row.isForOperators {
            #expect(refusal { try parse(row.method, row.target, .token) }?.status() == 404)
        } else {
            #expect(try parse(row.method, row.target, .token) == row.request)
        }
    }

    @Test(
        "with another method is told which the path takes, and on the token socket nothing of operators' paths",
        arguments: rows
    )
    func wrongMethod(row: Row) throws {
        let other: HTTPMethod = row.method == .get ? .post : .get
        let error = try #require(refusal { try parse(other, row.target, .admin) })
        #expect(error.code == .invalidRequest && error.status() == 405)
        #expect(error.allow == row.method.rawValue)
        #expect(refusal { try parse(other, row.target, .token) }?.status() == (row.isForOperators ? 404 : 405))
    }

    @Test("to the token endpoint is a POST")
    func tokenEndpointMethod() throws {
        let error = try #require(refusal { try parse(.get, "/oauth2/token", .token) })
        #expect(error.status() == 405 && error.allow == "POST")
    }

    @Test(
        "for a path that is not there is refused with 404",
        arguments: [
            "", "/", "//", "/v1", "/v1/", "/v1/token", "/v1/token/billing/", "/v1/token/billing/rejects",
            "/v2/token/billing", "/V1/token/billing", "v1/token/billing", "xv1/token/billing", "/v1/watch",
            "/v1/client",
            "/v1/clients/billing/", "/v1/clients/billing/refreshed", "/v1/clients/billing/login/", "/v1/backup/x",
            "/oauth2", "/oauth2/tokens", "/oauth2/token/",
            "/healthz/", "/readyz/x", "/v1/token%2Fbilling", "http://localhost/healthz", "*",
        ]
    )
    func unknownPath(target: String) throws {
        for role in [SocketRole.token, .admin] {
            for method in [HTTPMethod.get, .post] {
                let error = try #require(refusal { try parse(method, target, role) })
                #expect(error.code == .invalidRequest && error.status() == 404)
                #expect(error.remedy != nil)
            }
        }
    }

    @Test("that takes no parameters is refused with some", arguments: rows)
    func parameters(row: Row) throws {
        guard !row.target.hasPrefix("/v1/token/"), row.target != "/healthz" else { return }
        let error = try #require(refusal { try parse(row.method, row.target + "?a=b", .admin) })
        #expect(error.code == .invalidRequest && error.status() == 400)
    }

    @Test(
        "of an operator may carry one wish more",
        arguments: [
            ("a%2Fb/refresh?", .refresh(client: "a/b", .ordinary)),
            ("billing/refresh?trust_restored=true", .refresh(client: "billing", .trustingRestored)),
            ("billing/refresh?trust%5Frestored=%74rue", .refresh(client: "billing", .trustingRestored)),
            ("billing/refresh?retake_first_token=true", .refresh(client: "billing", .retakingFirstToken)),
            ("billing/logout?forget=true", .logout(client: "billing", forgetting: true)),
            ("a%2Fb/logout?", .logout(client: "a/b", forgetting: false)),
        ] as [(String, APIRequest)]
    )
    func wishes(target: String, request: APIRequest) throws {
        #expect(try parse(.post, "/v1/clients/\(target)", .admin) == request)
        #expect(refusal { try parse(.post, "/v1/clients/\(target)", .token) }?.status() == 404)
        #expect(refusal { try parse(.get, "/v1/clients/\(target)", .admin) }?.status() == 405)
    }

    @Test(
        "with a wish that is none, or with two, is refused with what there is to wish for",
        arguments: [
            ("refresh?trust_restored=1", "the parameter trust_restored is not true"),
            ("refresh?trust_restored=false", "the parameter trust_restored is not true"),
            ("refresh?trust_restored=True", "the parameter trust_restored is not true"),
            ("refresh?trust_restored=", "the parameter trust_restored is not true"),
            ("refresh?trust_restored", "the parameter trust_restored is not true"),
            ("refresh?forget=true", "there is no parameter \"forget\""),
            ("refresh?Trust_Restored=true", "there is no parameter \"Trust_Restored\""),
            ("refresh?%0A=true", "there is no parameter \"?\""),
            ("refresh?%", "the query has a malformed escape"),
            (
                "refresh?trust_restored=true&retake_first_token=true",
                "trust_restored and retake_first_token exclude each other"
            ),
            ("refresh?trust_restored=true&trust_restored=true", "a parameter stands twice"),
            ("logout?forget=true&forget=true", "a parameter stands twice"),
            ("logout?forget=yes", "the parameter forget is not true"),
            ("logout?trust_restored=true", "there is no parameter \"trust_restored\""),
        ]
    )
    func otherWishes(target: String, summary: String) throws {
        let error = try #require(refusal { try parse(.post, "/v1/clients/billing/\(target)", .admin) })
        #expect(error.code == .invalidRequest && error.status() == 400)
        #expect(error.summary == summary)
    }

    @Test(
        "for the audit names a process, or where to go on",
        arguments: [
            ("why?pid=1&client=billing", .why(pid: 1, client: "billing")),
            ("why?client=a%2Fb&pid=2147483647", .why(pid: .max, client: "a/b")),
            ("events", .events(since: 0, following: false)),
            ("events?since=18446744073709551615", .events(since: .max, following: false)),
            ("events?follow=true&since=7", .events(since: 7, following: true)),
        ] as [(String, APIRequest)]
    )
    func audit(target: String, request: APIRequest) throws {
        #expect(try get("/v1/\(target)", role: .admin) == request)
        #expect(refusal { try get("/v1/\(target)") }?.status() == 404)
        #expect(refusal { try parse(.post, "/v1/\(target)", .admin) }?.status() == 405)
    }

    @Test(
        "for the audit is refused with what is wrong",
        arguments: [
            ("why", "the parameter pid is no number of a process"),
            ("why?client=billing", "the parameter pid is no number of a process"),
            ("why?pid=0&client=billing", "the parameter pid is no number of a process"),
            ("why?pid=-1&client=billing", "the parameter pid is no number of a process"),
            ("why?pid=2147483648&client=billing", "the parameter pid is no number of a process"),
            ("why?pid=1", "the parameter client is missing"),
            ("why?pid=1&client=", "the parameter client is missing"),
            ("why?pid=1&pid=2&client=a", "a parameter stands twice"),
            ("why?pid=1&client=a%1B", "the parameter client has a control character"),
            ("why?pid=1&client=a&uid=0", "there is no parameter \"uid\""),
            ("events?since=-1", "the parameter since is no event's number"),
            ("events?since=1h", "the parameter since is no event's number"),
            ("events?since=", "the parameter since is no event's number"),
            ("events?follow=1", "the parameter follow is not true"),
            ("events?%", "the query has a malformed escape"),
        ]
    )
    func otherAudit(target: String, summary: String) throws {
        let error = try #require(refusal { try get("/v1/\(target)", role: .admin) })
        #expect(error.code == .invalidRequest && error.status() == 400)
        #expect(error.summary == summary)
    }

    @Test("for the loop's health may carry parameters, which probes add against caches")
    func healthParameters() throws {
        #expect(try get("/healthz?1") == .health)
    }

    @Test(
        "names its client in the path, percent-decoded; a plus stands for itself",
        arguments: [
            ("billing", "billing"), ("%62illing", "billing"), ("a%2Fb", "a/b"), ("a+b", "a+b"), ("%61+b", "a+b"),
            ("%C3%A9", "é"), ("", ""), ("%61=b", "a=b"), ("%61&b=c", "a&b=c"), ("a&b", "a&b"), ("=%61", "=a"),
        ]
    )
    func client(segment: String, name: String) throws {
        #expect(try get("/v1/token/\(segment)") == .token(TokenQuery(client: name)))
        #expect(try get("/v1/watch/\(segment)") == .watch(client: name))
        #expect(try get("/v1/clients/\(segment)", role: .admin) == .client(name))
    }

    @Test(
        "with a malformed escape in its path is refused",
        arguments: ["%", "%6", "%zz", "%FF", "a%00b", "a%0Ab", "%7F", "%C3"]
    )
    func malformedPath(segment: String) throws {
        let error = try #require(refusal { try get("/v1/token/\(segment)") })
        #expect(error.code == .invalidRequest && error.status() == 400)
    }

    @Test(
        "gets the bare token where text/plain stands before JSON and anything",
        arguments: [
            (nil, .json), ("", .json), ("text/plain", .plain), ("TEXT/Plain; q=1", .plain), (" text/plain ", .plain),
            ("application/json", .json), ("*/*", .json), ("text/html, text/plain", .plain), ("text/*", .json),
            ("application/json, text/plain", .json), ("text/plain, application/json", .plain),
            ("*/*, text/plain", .json), ("text/plainer", .json),
        ] as [(String?, TokenFormat)]
    )
    func format(accept: String?, format: TokenFormat) throws {
        #expect(try get("/v1/token/billing", accept: accept) == .token(TokenQuery(client: "billing", format: format)))
    }
}
