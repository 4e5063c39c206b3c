internal import Diagnosis
internal import OAuth2

extension ClientConfiguration {
    /// As whose the answers of its server are read, as far as its address tells.
    var spokenProvider: Provider { spokenProvider(at: endpoint.url) }

    /// What `failure` of this client was, and what to do about it.
    ///
    /// - Parameter presented: What the request presented; nil for what the client presents when nobody logs in.
    func explain(_ failure: TokenEndpointFailure, presented: Grant? = nil) -> Explanation {
        Diagnosis.explain(
            failure,
            client: name,
            grant: grant,
            provider: spokenProvider,
            presented: presented
        )
    }
}
