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

extension Task where Failure == Never {
    /// Waits for the value, no longer than `time`; the task goes on all the same, and so does the wait when whoever waits
    /// is cancelled.
    func value(within time: Duration) async -> Success? {
        let (values, value) = AsyncStream<Success>.makeStream()
        Task<Void, Never> {
            value.yield(await self.value)
            value.finish()
        }
        return await Task<Success?, Never> {
            await withTaskGroup(of: Success?.self) { group in
                group.addTask {
                    for await value in values { return value }
                    return nil
                }
                group.addTask {
                    // Cut short when the value comes.
                    try? await Task<Never, Never>.sleep(for: time)
                    return nil
                }
                defer { group.cancelAll() }
                return await group.next() ?? nil
            }
        }.value
    }
}
