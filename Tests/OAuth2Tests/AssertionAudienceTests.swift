import OAuth2
import Testing

@Suite struct AssertionAudienceTests {
    private let token: EndpointURL
    private let revocation: EndpointURL

    init() throws {
        token = try EndpointURL("https://Tenant.example:8443/oauth/token")
        revocation = try EndpointURL("https://tenant.example:8443/oauth/revoke")
    }

    private func audience(_ audience: AssertionAudience) -> String {
        audience.text(for: revocation, tokenEndpoint: token)
    }

    @Test func `is what the provider is known to want`() {
        #expect(audience(Provider.generic.profile.clientAudience) == "https://Tenant.example:8443/oauth/token")
        #expect(audience(Provider.entra.profile.clientAudience) == "https://Tenant.example:8443/oauth/token")
        #expect(audience(Provider.okta.profile.clientAudience) == "https://tenant.example:8443/oauth/revoke")
        #expect(audience(Provider.auth0.profile.clientAudience) == "https://tenant.example:8443/")
        #expect(audience(Provider.google.profile.grantAudience) == "https://Tenant.example:8443/oauth/token")
        #expect(audience(Provider.salesforce.profile.grantAudience) == "https://login.salesforce.com")
    }

    @Test func `and only Google's grant says its scope within`() {
        #expect(Provider.allCases.filter(\.profile.assertionNamesScope) == [.google])
    }
}
