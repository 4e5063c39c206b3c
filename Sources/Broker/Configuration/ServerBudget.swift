/// How hard one authorization server may be asked.
package struct ServerBudget: Sendable, Equatable {
    package var requestsPerSecond: Double

    /// Requests in flight at one time.
    package var concurrent: Int

    /// What servers tolerate that publish no limit; those that do are slower or much faster.
    package static let standard = ServerBudget(requestsPerSecond: 20, concurrent: 8)

    package init(requestsPerSecond: Double, concurrent: Int) {
        self.requestsPerSecond = requestsPerSecond
        self.concurrent = concurrent
    }
}
