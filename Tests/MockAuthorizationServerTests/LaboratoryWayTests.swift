import Crypto
import Foundation
import NIOHTTP1
import Testing

@testable import MockAuthorizationServer

@Suite("Faults on the way, and in time")
struct LaboratoryWayTests {
    /// An answer that is no error document, whatever is asked.
    struct Page: CustomTestStringConvertible {
        var fault: String
        var status: Int
        var contentType: String?
        var part: String
        var hasRequestID = true
        var header: (name: String, value: String)?
        var keys = 200

        var testDescription: String { fault }
    }

    static let pages: [Page] = [
        Page(fault: "cognito_wrong_path", status: 405, part: "", header: ("allow", "GET")),
        Page(fault: "cognito_accept_rewritten", status: 405, part: "", header: ("allow", "GET")),
        Page(
            fault: "cognito_firewall",
            status: 403,
            contentType: "text/html",
            part: "web application firewall",
            hasRequestID: false,
            header: ("server", "awselb/2.0")
        ),
        Page(
            fault: "cognito_captive_portal",
            status: 200,
            contentType: "text/html; charset=utf-8",
            part: "<!DOCTYPE html>",
            hasRequestID: false
        ),
        Page(fault: "cognito_throttled", status: 429, contentType: "application/json", part: "Too Many Requests"),
        Page(
            fault: "cognito_throttled_as_bad_request",
            status: 400,
            contentType: "application/json",
            part: #"{"__type":"TooManyRequestsException","message":"Rate exceeded"}"#
        ),
        Page(fault: "cognito_server_failing", status: 500, contentType: "application/json", part: "Internal Server"),
        Page(
            fault: "keycloak_tenant_unknown",
            status: 404,
            contentType: "application/json",
            part: #"{"error":"Realm does not exist"}"#,
            hasRequestID: false,
            keys: 404
        ),
        Page(
            fault: "keycloak_wrong_path",
            status: 404,
            contentType: "application/json",
            part: "Unable to find matching target resource method",
            hasRequestID: false
        ),
        Page(fault: "standard_wrong_path", status: 404, part: "", hasRequestID: false),
        Page(fault: "standard_throttled", status: 429, part: "", hasRequestID: false, header: ("retry-after", "30")),
    ]

    @Test("a page in place of an answer comes whole", arguments: pages)
    func page(expected: Page) async throws {
        try await LaboratoryCaller.with { caller in
            try caller.setFault(expected.fault)
            let answer = try await caller.ask(.ownToken())
            #expect(answer.status == expected.status)
            #expect(answer.headers.first(name: "Content-Type") == expected.contentType)
            #expect(expected.part.isEmpty ? answer.text.isEmpty : answer.text.contains(expected.part))
            #expect(answer.headers["x-amz-cognito-request-id"].isEmpty == !expected.hasRequestID)
            if let header = expected.header { #expect(answer.headers[header.name] == [header.value]) }
            #expect(answer.headers["Date"].count == 1)
            #expect(try await Caller.send(.GET, caller.server.url(.jwks)).status == expected.keys)
        }
    }

    static let gone: [(String, String, keys: Int)] = [
        ("cognito_domain_deleted", "eu-west-1", 200), ("cognito_pool_deleted", "eu-west-1", 400),
        ("cognito_wrong_region", "eu-west-2", 400),
    ]

    @Test("a domain that is gone is asked for in vain, and the pool's documents tell the rest", arguments: gone)
    func domain(fault: String, region: String, keys: Int) async throws {
        try await LaboratoryCaller.with { caller in
            try caller.setFault(fault)
            let place = "https://laboratory.auth.\(region).amazoncognito.com.invalid/oauth2/token"
            #expect(caller.server.givenTokenEndpoint == place)
            let issuer = try #require(caller.server.givenIssuer)
            #expect(issuer.hasSuffix("/eu-west-1_Laboratory"))
            let found = try await Caller.send(.GET, issuer + "/.well-known/jwks.json")
            #expect(found.status == keys)
            let metadata = try await Caller.send(.GET, issuer + "/.well-known/openid-configuration")
            #expect(metadata.status == keys)
            if keys == 200 {
                #expect(metadata["token_endpoint"] == place)
                #expect(metadata["issuer"] == issuer)
            } else {
                #expect(found["message"] == "User pool eu-west-1_Laboratory does not exist.")
            }
        }
    }

    @Test("Accept decides at Cognito only when it leaves JSON out")
    func accept() async throws {
        try await LaboratoryCaller.with { caller in
            try caller.setFault("cognito_accept_refused")
            for (accept, status) in [
                ("text/html", 405), ("application/json", 200), ("*/*", 200), ("text/html, application/json;q=0.5", 200),
            ] {
                let answer = try await caller.ask(.ownToken(), headers: ["Accept": accept])
                #expect(answer.status == status, "\(accept)")
            }
        }
    }

    @Test("a secret that is deleted has brought one token before")
    func deletedSecret() async throws {
        try await LaboratoryCaller.with { caller in
            try caller.setFault("cognito_secret_deleted")
            #expect(try await caller.ask(.fakeRefresh)["error"] == "invalid_grant")
            #expect(try await caller.ask(.ownToken()).status == 200)
            #expect(try await caller.ask(.ownToken())["error"] == "invalid_client")
            #expect(try await caller.ask(.fakeRefresh)["error"] == "invalid_client")
        }
    }

    @Test("the code that the first error consumed is an invalid grant the second time")
    func consumedCode() async throws {
        try await LaboratoryCaller.with { caller in
            try caller.setFault("cognito_code_consumed_by_first_error")
            let code = caller.issueCode()
            let form = caller.code(code).map { "\($0)=\($1)" }.joined(separator: "&")
            let basic = "billing:\(LaboratoryCaller.secret)"
            let url = caller.server.tokenEndpoint
            #expect(try await Caller.post(form, to: url, basic: basic)["error"] == "invalid_request")
            #expect(try await Caller.post(form, to: url, basic: basic)["error"] == "invalid_grant")
        }
    }

    @Test("clocks that differ show in Date", arguments: ["cognito_clock_wrong", "cognito_wrong_secret"])
    func date(fault: String) async throws {
        let clock = ManualClock()
        try await LaboratoryCaller.with {
            $0.now = { clock.now() }
        } _: { caller in
            try caller.setFault(fault)
            let answer = try await caller.ask(.ownToken())
            let minutes = fault == "cognito_clock_wrong" ? "10" : "00"
            #expect(answer.headers["Date"] == ["Fri, 15 Jan 2027 08:\(minutes):00 GMT"])
        }
    }

    static let assertions: [(String, proof: Bool, error: String, words: String)] = [
        ("entra_assertion_refused", true, "invalid_client", "AADSTS700027: "),
        ("entra_clock_wrong", true, "invalid_client", "AADSTS500133: "),
        ("standard_clock_wrong", true, "invalid_client", "client authentication failed"),
        ("google_assertion_refused", false, "invalid_grant", "Invalid JWT Signature."),
        ("google_clock_wrong", false, "invalid_grant", "Invalid JWT: Token must be a short-lived token"),
    ]

    @Test("assertions are refused for their key, or for the clock", arguments: assertions)
    func assertion(fault: String, proof: Bool, error: String, words: String) async throws {
        let key = P256.Signing.PrivateKey()
        try await LaboratoryCaller.with {
            $0.clients = .registered([
                RegisteredClient(
                    id: "signing",
                    keys: [VerificationKey(pem: key.publicKey.pemRepresentation, id: "key")],
                    grants: GrantType.all
                )
            ])
        } _: { caller in
            func form(_ number: Int) throws -> String {
                let now = Int(WallClock.sinceEpoch().components.seconds)
                let head = Base64URL.encode(Data(#"{"alg":"ES256","kid":"key"}"#.utf8))
                let claims: [String: JSONValue] = [
                    "iss": "signing", "sub": "signing", "aud": .string(caller.server.tokenEndpoint),
                    "iat": .integer(now), "exp": .integer(now + 60), "jti": .string("\(number)"),
                ]
                let text = head + "." + Base64URL.encode(Data(JSONValue.object(claims).encoded()))
                let assertion = text + "." + Base64URL.encode(try key.signature(for: Data(text.utf8)).rawRepresentation)
                guard proof else {
                    return "grant_type=\(Form.encode(GrantType.jwtBearer.rawValue))&assertion=\(assertion)"
                }
                let type = Form.encode(PresentedCredentials.assertionType)
                return "grant_type=client_credentials&client_assertion_type=\(type)&client_assertion=\(assertion)"
            }
            try caller.setFault(fault)
            let refused = try await Caller.post(try form(1), to: caller.server.tokenEndpoint, basic: nil)
            #expect(refused["error"] == error)
            #expect(refused["error_description"]?.hasPrefix(words) == true)
            caller.server.endFault()
            #expect(try await Caller.post(try form(2), to: caller.server.tokenEndpoint, basic: nil).status == 200)
        }
    }

    @Test("an unknown resource is refused, where one is asked for", arguments: ["standard", "auth0"])
    func target(prefix: String) async throws {
        try await LaboratoryCaller.with { caller in
            try caller.setFault("\(prefix)_target_not_allowed")
            let basic = "billing:\(LaboratoryCaller.secret)"
            let form = "grant_type=client_credentials"
            let refused = try await Caller.post(form + "&audience=x", to: caller.server.tokenEndpoint, basic: basic)
            #expect(refused["error"] == (prefix == "auth0" ? "access_denied" : "invalid_target"))
            #expect(try await Caller.post(form, to: caller.server.tokenEndpoint, basic: basic).status == 200)
        }
    }

    /// The faults whose answers are looked at here.
    static var seen: Set<String> {
        Set(pages.map(\.fault) + gone.map(\.0) + assertions.map(\.0))
            .union([
                "cognito_accept_refused", "cognito_secret_deleted", "cognito_clock_wrong",
                "standard_target_not_allowed", "auth0_target_not_allowed",
            ])
    }
}
