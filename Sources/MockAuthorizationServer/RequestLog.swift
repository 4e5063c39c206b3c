/// The requests seen, and who waits for more.
struct RequestLog: Sendable {
    /// Enough for every test, too little to fill a machine over days.
    static let capacity = 10_000

    private(set) var requests: [SeenRequest] = []
    private var unclaimed: [SeenRequest] = []
    private var claimants: [Int: AsyncStream<SeenRequest>.Continuation] = [:]
    private var followers: [Int: AsyncStream<SeenRequest>.Continuation] = [:]
    private var lastListener = 0
    private var lastNumber = 0

    mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    mutating func append(_ request: SeenRequest) {
        requests.append(request)
        if requests.count > RequestLog.capacity { requests.removeFirst(RequestLog.capacity / 2) }
        guard request.endpoint == .token else { return }
        for follower in followers.values { follower.yield(request) }
        for (listener, claimant) in claimants.sorted(by: { $0.key < $1.key }) {
            claimants[listener] = nil
            // A claimant that was cancelled meanwhile takes nothing.
            if case .enqueued = claimant.yield(request) { return }
        }
        unclaimed.append(request)
        if unclaimed.count > RequestLog.capacity { unclaimed.removeFirst(RequestLog.capacity / 2) }
    }

    /// The oldest token request that nobody took; nil, and `continuation` is given the next one, when there is none.
    mutating func claim(_ continuation: AsyncStream<SeenRequest>.Continuation) -> SeenRequest? {
        guard unclaimed.isEmpty else { return unclaimed.removeFirst() }
        lastListener += 1
        claimants[lastListener] = continuation
        return nil
    }

    /// Gives `continuation` every token request from now on, until `unfollow`.
    mutating func follow(_ continuation: AsyncStream<SeenRequest>.Continuation) -> Int {
        lastListener += 1
        followers[lastListener] = continuation
        return lastListener
    }

    mutating func unfollow(_ listener: Int) { followers[listener] = nil }

    /// Forgets what was seen; those who wait go on waiting.
    mutating func clear() {
        requests = []
        unclaimed = []
    }

    /// Those who wait, for the caller to end their waiting: `finish` may come back to the log.
    mutating func takeListeners() -> [AsyncStream<SeenRequest>.Continuation] {
        defer {
            claimants = [:]
            followers = [:]
        }
        return Array(claimants.values) + Array(followers.values)
    }
}
