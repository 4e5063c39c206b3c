internal import Synchronization

/// How a fetch ended, for the label `result`.
package enum FetchResult: String, Sendable, CaseIterable {
    /// Answered from the cache.
    case hit
    /// Answered after a wait.
    case miss
    /// The caller hung up while it waited.
    case hungUp = "hung_up"
    case invalidRequest = "invalid_request"
    case accessDenied = "access_denied"
    case temporarilyUnavailable = "temporarily_unavailable"
    case tooManyRequests = "too_many_requests"
    case clientMisconfigured = "client_misconfigured"
    case loginRequired = "login_required"
    case minTTLUnmet = "min_ttl_unmet"
    case serverError = "server_error"
}

/// The fetches of one client, counted where every fetch passes.
package final class FetchCounters: Sendable {
    private let counts: [11 of Atomic<UInt64>] = InlineArray { _ in Atomic(0) }

    package init() {}

    /// Counts one more fetch that ended so.
    package func count(_ result: FetchResult) { counts[result.index].add(1, ordering: .relaxed) }

    /// The counts that are not zero.
    package var all: [(result: FetchResult, count: UInt64)] {
        FetchResult.allCases.compactMap { result in
            let count = counts[result.index].load(ordering: .relaxed)
            return count == 0 ? nil : (result, count)
        }
    }
}

extension FetchResult {
    fileprivate var index: Int {
        switch self {
        case .hit: 0
        case .miss: 1
        case .hungUp: 2
        case .invalidRequest: 3
        case .accessDenied: 4
        case .temporarilyUnavailable: 5
        case .tooManyRequests: 6
        case .clientMisconfigured: 7
        case .loginRequired: 8
        case .minTTLUnmet: 9
        case .serverError: 10
        }
    }
}
