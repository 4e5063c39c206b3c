/// The reading of a token endpoint's answer.
package enum TokenAnswer {
    /// What `answer` grants, or what its failure means for a client that presented `grant`.
    package static func read(_ answer: HTTPAnswer, grant: Grant) -> Result<TokenResponse, TokenEndpointFailure> {
        .failure(TokenEndpointFailure(.protocol, error: "unreadable_answer", serverStatus: answer.status))
    }
}

extension TokenEndpointFailure {
    /// The failure of a request that got no answer.
    ///
    /// - Parameter grant: What the request presented; nil for a request that presents nothing, such as discovery.
    package init(transport: TransportFailure, words: String?, grant: Grant?) {
        self.init(.transient, error: transport.rawValue, serverWords: words, transport: transport)
    }
}
