/// A request that waits for its release.
struct Hold: Sendable {
    let number: Int
    private let stream: AsyncStream<Never>
    private let continuation: AsyncStream<Never>.Continuation

    init(number: Int) {
        self.number = number
        (stream, continuation) = AsyncStream.makeStream()
    }

    func release() { continuation.finish() }

    /// Returns at the release; throws when the server is stopped before it.
    func wait() async throws {
        for await _ in stream {}
        try Task.checkCancellation()
    }
}
