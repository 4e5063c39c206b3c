import LocalAPI
import OAuth2
import Testing

@Suite("A token query") struct TokenQueryTests {
    private func query(_ text: String) throws -> TokenQuery? {
        guard case .token(let query) = try get("/v1/token/billing?\(text)") else { return nil }
        return query
    }

    @Test("asks for what its parameters say, form-decoded")
    func whole() throws {
        let query = try query(
            "scope=invoices%2Fread+invoices%2Fwrite&audience=https%3A%2F%2Fapi.example&resource=urn:b&resource=urn:a"
                + "&min_ttl=5m&timeout=30"
        )
        let expected = TokenQuery(
            client: "billing",
            scope: ScopeSet(["invoices/read", "invoices/write"]),
            audience: "https://api.example",
            resource: ["urn:b", "urn:a"],
            minTTL: .seconds(300),
            timeout: .seconds(30)
        )
        #expect(query == expected)
    }

    @Test(
        "takes its scope as a set, whose order and repetitions mean nothing",
        arguments: [
            ("a", ["a"]), ("b+a", ["a", "b"]), ("a%20b+a", ["a", "b"]), ("+a++b+", ["a", "b"]),
            ("https://x/.default", ["https://x/.default"]), ("%21%7E", ["!~"]),
        ]
    )
    func scope(text: String, tokens: [String]) throws {
        #expect(try query("scope=\(text)")?.scope?.tokens == tokens)
    }

    @Test(
        "refuses what is no scope by RFC 6749 §3.3",
        arguments: ["", "+", "a%22b", "a%5Cb", "%C3%A9", "a%0Ab", "%7F"]
    )
    func badScope(text: String) throws {
        #expect(refusal { try get("/v1/token/billing?scope=\(text)") }?.code == .invalidRequest)
    }

    @Test(
        "takes whole seconds, or a number and a unit",
        arguments: [
            ("0", 0), ("1", 1), ("300", 300), ("007", 7), ("90s", 90), ("5m", 300), ("24h", 86_400), ("30d", 2_592_000),
            ("999999999999", 999_999_999_999), ("0s", 0),
        ] as [(String, Int64)]
    )
    func minTTL(text: String, seconds: Int64) throws {
        #expect(try query("min_ttl=\(text)")?.minTTL == .seconds(seconds))
    }

    @Test(
        "refuses what is no duration, and says how to write one",
        arguments: [
            "-1", "%2B1", "1.5", "5+m", "m", "5M", "5ms", "5w", "1e3", "9999999999999", "%D9%A3", "0x5", "5m0s",
        ]
    )
    func badDuration(text: String) throws {
        for name in ["min_ttl", "timeout"] {
            let error = try #require(refusal { try get("/v1/token/billing?\(name)=\(text)") })
            #expect(error.code == .invalidRequest && error.status() == 400)
            #expect(error.summary.hasPrefix(name) && error.remedy != nil)
        }
    }

    @Test("waits a minute at most", arguments: [("0", 0), ("1s", 1), ("60", 60), ("1m", 60)] as [(String, Int64)])
    func timeout(text: String, seconds: Int64) throws {
        #expect(try query("timeout=\(text)")?.timeout == .seconds(seconds))
    }

    @Test("refuses a longer wait", arguments: ["61", "61s", "2m", "1h"])
    func longTimeout(text: String) throws {
        let error = try #require(refusal { try get("/v1/token/billing?timeout=\(text)") })
        #expect(error.summary == "timeout is beyond 60 s")
    }

    @Test("takes sixteen resources and no more")
    func resources() throws {
        let sixteen = (1...16).map { "resource=urn:\($0)" }.joined(separator: "&")
        #expect(try query(sixteen)?.resource == (1...16).map { "urn:\($0)" })
        let error = try #require(refusal { try get("/v1/token/billing?\(sixteen)&resource=urn:17") })
        #expect(error.summary == "more than 16 resources are asked for")
    }

    @Test("refuses any other parameter twice", arguments: ["scope", "audience", "min_ttl", "timeout"])
    func repeated(name: String) throws {
        let error = try #require(refusal { try get("/v1/token/billing?\(name)=5&\(name)=5") })
        #expect(error.code == .invalidRequest && error.summary == "the parameter \"\(name)\" stands twice")
    }

    @Test(
        "refuses a parameter that there is not, and shows its name fit for a terminal",
        arguments: [
            ("min-ttl=5", "min-ttl"), ("Scope=a", "Scope"), ("client_id=a", "client_id"),
            ("grant_type=x", "grant_type"),
            ("resource%5B%5D=a", "resource[]"), ("%1B%5B31m=a", "?[31m"), ("%C3%A9=a", "?"), ("=a", ""),
            ("\(String(repeating: "n", count: 70))=a", String(repeating: "n", count: 64)),
        ]
    )
    func unknown(text: String, shown: String) throws {
        let error = try #require(refusal { try get("/v1/token/billing?\(text)") })
        #expect(error.code == .invalidRequest && error.status() == 400)
        #expect(error.summary == "there is no parameter \"\(shown)\"")
    }

    @Test("refuses an empty value", arguments: ["scope", "audience=", "resource=", "min_ttl", "timeout="])
    func empty(text: String) throws {
        #expect(refusal { try get("/v1/token/billing?\(text)") }?.summary.hasSuffix("is empty") == true)
    }

    @Test("refuses control characters in any value", arguments: ["audience=a%00", "resource=%0D%0A", "audience=%7F"])
    func control(text: String) throws {
        #expect(refusal { try get("/v1/token/billing?\(text)") }?.summary.hasSuffix("has a control character") == true)
    }

    @Test("refuses malformed escapes and what is no UTF-8", arguments: ["audience=%", "%4=a", "audience=%FF"])
    func malformed(text: String) throws {
        #expect(refusal { try get("/v1/token/billing?\(text)") }?.summary == "the query has a malformed escape")
    }
}
