import OAuth2
import Testing

@testable import Diagnosis

@Suite("A client that is looked over") struct LintTests {
    static let cognito = "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token"
    static let entra = "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token"
    static let uuid = "11111111-2222-3333-4444-555555555555"

    /// A client of which nothing is to be said.
    static func settings(_ provider: Provider = .cognito, _ endpoint: String? = nil) throws -> ClientSettings {
        let usual: [Provider: (String, String, [String])] = [
            .cognito: (cognito, "1example23456789012345678a", ["orders/read"]),
            .entra: (entra, uuid, ["https://graph.microsoft.com/.default"]),
            .google: ("https://oauth2.googleapis.com/token", "1-a.apps.googleusercontent.com", []),
            .github: ("https://github.com/login/oauth/access_token", "Iv1.1example23456789", []),
        ]
        let (address, clientID, scopes) = usual[provider] ?? ("https://as.example/token", "billing", [])
        let isLogin = provider == .google || provider == .github
        return ClientSettings(
            provider: provider,
            grant: isLogin ? .authorizationCode : .clientCredentials,
            method: .clientSecretPost,
            clientID: clientID,
            tokenEndpoint: try EndpointURL(endpoint ?? address),
            scopes: ScopeSet(scopes)
        )
    }

    /// But for what agrees.
    private func findings(_ settings: ClientSettings) -> [Finding] {
        settings.observations.map(\.finding).filter { $0 != .pathAgrees }
    }

    @Test("as it should be is found to be so", arguments: Provider.allCases)
    func well(provider: Provider) throws {
        var settings = try Self.settings(provider)
        if let url = try? provider.profile.endpoint(.token, [.domain: "a.b", .tenant: "c", .realm: "d"]) {
            settings.tokenEndpoint = url
        }
        if provider == .slack { (settings.clientID, settings.grant) = ("1234567890.1234567890", .refreshToken) }
        #expect(findings(settings) == [])
    }

    @Test(
        "has its secrets looked at, and nothing of them told",
        arguments: [
            (Provider.cognito, " abcdefghijklmnopqrstuvwxyz0123456789abcdefgh", [Finding.secretHasWhiteSpace]),
            (.cognito, "abcdefghijklmnopqrstuvwxyz01234567\n89abcdefgh", [.secretHasWhiteSpace]),
            (.cognito, "abcdefghijklmnopqrstuvwxyz0123456789abcdefgh", []),
            (.cognito, "short", [.secretOddlyFormed]),
            (.entra, uuid, [.secretIsUUID]),
            (.entra, "abc8Q~defghijklmnopqrstuvwxyz0123456789abc", []),
            (.generic, uuid, []), (.keycloak, uuid, []),
            (.generic, "\"quoted\"", [.secretOddlyFormed]), (.generic, "schlüssel", [.secretOddlyFormed]),
            (.generic, "a b", [.secretHasWhiteSpace]),
        ] as [(Provider, String, [Finding])]
    )
    func secrets(provider: Provider, secret: String, expected: [Finding]) throws {
        var settings = try Self.settings(provider)
        if provider == .keycloak { settings.tokenEndpoint = nil }
        settings.secrets = [Secret(secret)]
        #expect(findings(settings) == expected)
        let core = secret.split { " \n\"".contains($0) }.first ?? ""
        for remark in settings.remarks where core.count > 3 && core != "short" {
            #expect(!"\(remark.problem) \(remark.remedy ?? "")".contains(core))
        }
    }

    @Test("is told which of several secrets it is")
    func several() throws {
        var settings = try Self.settings(.generic)
        settings.secrets = [Secret("good"), Secret("bad ")]
        #expect(
            settings.remarks.filter { $0.remedy != nil }.map(\.problem) == ["secret 2 begins or ends with white space"]
        )
    }

    @Test(
        "with identifier and secret exchanged is told so",
        arguments: [
            (Provider.cognito, "1example23456789012345678a", "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmno"),
            (.entra, uuid, "abc8Q~defghijklmnopqrstuvwxyz0123456789a"),
            (.google, "1-a.apps.googleusercontent.com", "GOCSPX-abcdefghijklmnopqrstuv"),
            (.github, "Iv1.1example23456789", "0123456789abcdef0123456789abcdef01234567"),
        ]
    )
    func swapped(provider: Provider, identifier: String, secret: String) throws {
        var settings = try Self.settings(provider)
        (settings.clientID, settings.secrets) = (identifier, [Secret(secret)])
        #expect(!findings(settings).contains(.identifierAndSecretSwapped))
        (settings.clientID, settings.secrets) = (secret, [Secret(identifier)])
        #expect(findings(settings).contains(.identifierAndSecretSwapped))
        #expect(!findings(settings).contains(.secretIsUUID))
    }

    @Test("by Basic with characters that a form encodes may be read in two ways, which is no fault")
    func encoding() throws {
        var settings = try Self.settings(.generic)
        (settings.method, settings.secrets) = (.clientSecretBasic, [Secret("a+b")])
        #expect(findings(settings) == [.secretHasEncodedCharacters])
        #expect(settings.remarks.allSatisfy { $0.remedy == nil })
        settings.method = .clientSecretPost
        #expect(findings(settings) == [])
        (settings.method, settings.secrets) = (.clientSecretBasic, [Secret("a-b")])
        #expect(findings(settings) == [])
    }

    @Test(
        "has its address looked at",
        arguments: [
            (Provider.cognito, "https://acme.auth.eu-west-1.amazoncognito.com/oauth/token", [Finding.pathDiffers]),
            (.cognito, "http://127.0.0.1:8080/oauth/token", [.pathDiffers]),
            (.cognito, "http://127.0.0.1:8080/oauth2/token", []),
            (.cognito, "https://login.microsoftonline.com/oauth2/token", [.hostIsForeign]),
            (.cognito, "https://auth.acme.example/oauth2/token", []),
            (.entra, "https://login.microsoftonline.com/common/oauth2/v2.0/token", [.tenantIsShared]),
            (.entra, "http://[::1]:1/organizations/oauth2/v2.0/token", [.tenantIsShared]),
            (.entra, "https://login.microsoftonline.com/contoso.example/v2.0/token", [.pathDiffers]),
            (.generic, "https://as.example/anything", []),
            (.keycloak, "https://as.example/auth/realms/a/protocol/openid-connect/token", []),
            (.okta, "https://acme.okta.com/oauth2/v1/token", []),
            (.okta, "https://acme.okta.com/oauth2/default/token", [.pathDiffers]),
        ] as [(Provider, String, [Finding])]
    )
    func addresses(provider: Provider, endpoint: String, expected: [Finding]) throws {
        let settings = try Self.settings(provider, endpoint)
        #expect(findings(settings) == expected)
        let agrees = settings.observations.contains { $0.finding == .pathAgrees }
        #expect(agrees == (provider != .generic && !expected.contains(.pathDiffers)))
    }

    @Test(
        "of a pool in another region than its domain is told so",
        arguments: [
            ("eu-west-1", "eu-west-1_Abc", []), ("us-east-1", "us-east-1_Abc", [Finding.regionsDiffer]),
            ("eu-west-1", "us-east-1_Abc", [.regionsDiffer]),
        ] as [(String, String, [Finding])]
    )
    func regions(region: String, pool: String, expected: [Finding]) throws {
        var settings = try Self.settings()
        settings.issuer = try EndpointURL("https://cognito-idp.\(region).amazonaws.com/\(pool)")
        #expect(findings(settings) == expected)
        (settings.keys, settings.issuer) = (settings.issuer, nil)
        #expect(findings(settings) == expected)
    }

    @Test(
        "has what it asks for looked at",
        arguments: [
            (Provider.cognito, Grant.clientCredentials, ["openid"], [Finding.scopesAreOpenID]),
            (.cognito, .clientCredentials, ["read"], [.scopeLacksIdentifier]),
            (.cognito, .authorizationCode, ["openid", "email"], []),
            (.entra, .clientCredentials, ["https://graph.microsoft.com/User.Read"], [.scopeNotDefault]),
            (.entra, .clientCredentials, [], [.scopeMissing]),
            (.entra, .authorizationCode, ["User.Read", "offline_access"], []),
            (.keycloak, .clientCredentials, ["profile"], []),
            (.google, .clientCredentials, [], [.grantNotOffered]), (.google, .jwtBearer, [], []),
            (.github, .clientCredentials, [], [.grantNotOffered]), (.github, .deviceCode, [], []),
        ] as [(Provider, Grant, [String], [Finding])]
    )
    func scopes(provider: Provider, grant: Grant, scopes: [String], expected: [Finding]) throws {
        var settings = try Self.settings(provider)
        if provider == .keycloak { settings.tokenEndpoint = nil }
        (settings.grant, settings.scopes) = (grant, ScopeSet(scopes))
        #expect(findings(settings) == expected)
    }

    @Test(
        "has its redirect URI looked at",
        arguments: [
            ("https://acme.example/cb", [], []),
            ("https://acme.example/cb%252F", [], [Finding.redirectOddlyFormed]),
            ("https://acme.example//cb", [], [.redirectOddlyFormed]),
            ("http://127.0.0.1:0/cb", [], [.redirectOddlyFormed]),
            ("http://127.0.0.1:8123/cb", [], []),
            ("https://acme.example/cb", ["https://acme.example/cb/"], [.redirectDiffers]),
            ("https://acme.example/cb", ["https://acme.example/cb", "https://other.example/"], []),
            ("http://localhost:8123/cb", ["http://127.0.0.1:8123/cb"], [.redirectDiffers]),
        ] as [(String, [String], [Finding])]
    )
    func redirects(uri: String, others: [String], expected: [Finding]) throws {
        var settings = try Self.settings()
        (settings.grant, settings.redirectURI, settings.otherRedirectURIs) = (.authorizationCode, uri, others)
        #expect(findings(settings) == expected)
    }

    @Test("has the form of its identifier looked at")
    func identifiers() throws {
        for (provider, identifier, isOdd) in [
            (.entra, "billing", true), (.google, "billing", true), (.cognito, "bill-ing", true),
            (.cognito, "billing", false), (.generic, "bill ing", false), (.slack, "A123", true),
        ] as [(Provider, String, Bool)] {
            var settings = try Self.settings(provider)
            (settings.clientID, settings.grant, settings.tokenEndpoint) = (identifier, .refreshToken, nil)
            #expect(findings(settings) == (isOdd ? [.identifierOddlyFormed] : []), "\(provider) \(identifier)")
        }
    }
}
