/// The values of `grant_type` that the server knows.
package enum GrantType: String, Sendable, CaseIterable {
    case clientCredentials = "client_credentials"
    case refreshToken = "refresh_token"
    case authorizationCode = "authorization_code"
    case deviceCode = "urn:ietf:params:oauth:grant-type:device_code"
    case jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"

    /// All of them, as a registration names them.
    package static let all = allCases.map(\.rawValue)
}
