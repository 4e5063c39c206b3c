extension AsyncStream<Void> {
    /// Waits for the end of the stream, no longer than `time` and not after its task is cancelled; true when it came.
    func isOver(within time: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in self {}
                return !Task.isCancelled
            }
            group.addTask {
                // Cut short when the end comes, or with the task.
                try? await Task.sleep(for: time)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }
}
