package import OAuth2

/// From a failure to its cause and remedy.
package enum Diagnosis {
    /// The explanation of `failure`, which befell `client` when one is named.
    package static func explain(_ failure: TokenEndpointFailure, client: ClientName?) -> Explanation {
        Explanation(cause: failure.error, summary: failure.failureClass.rawValue, remedy: failure.failureClass.rawValue)
    }
}
