import OAuth2

extension Catalogue {
    /// Amazon Cognito.
    static let cognito = Catalogue(signatures: [], causes: [])
}
