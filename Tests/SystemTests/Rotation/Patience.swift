/// How long a test waits for what has to come, so that one that waits in vain says for what.
enum Patience {
    /// Many times what a busy machine takes, and less than a suite's time limit.
    private static let limit = Duration.seconds(40)

    struct Exhausted: Error, CustomStringConvertible {
        let description: String
    }

    /// What `work` brings; throws with `evidence` when it takes too long.
    static func wait<Value: Sendable>(
        for what: String,
        evidence: @escaping @Sendable () -> String,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else {
                throw Exhausted(description: "\(what) did not come in \(limit)\n\(evidence())")
            }
            return value
        }
    }
}
