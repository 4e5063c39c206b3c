package import OAuth2

/// How long a slot leaves the server alone after a failure.
///
/// | failures in a row | transient, unknown | protocol | configuration, endpoint |
/// |---|---|---|---|
/// | 1 | 1 s | 10 s | 5 min |
/// | 2 | 2 s | 20 s | 10 min |
/// | 3 | 4 s | 40 s | 20 min |
/// | 4 | 8 s | 80 s | 40 min |
/// | 5 | 16 s | 160 s | 1 h |
/// | 6 | 32 s | 5 min | 1 h |
/// | 7 and more | 60 s | 5 min | 1 h |
///
/// Up to a fifth more is added, so that clients that failed together do not come back together.
package enum Backoff {
    /// Two attempts of a slot are never closer than this, whoever asks.
    package static let floor: Duration = .seconds(1)

    /// A server that asks for more is asked again all the same: a wrong header must not silence a client for a day.
    package static let longestRetryAfter: Duration = .seconds(3_600)

    /// The wait after the `failures`th failure in a row; nil when only a person can help.
    ///
    /// - Parameter spread: from 0 to 1.
    package static func delay(_ failureClass: FailureClass, failures: Int, spread: Double) -> Duration? {
        let (first, longest): (Duration, Duration)
        switch failureClass {
        case .transient, .unknown, .slowDown, .authorizationPending:
            (first, longest) = (.seconds(1), .seconds(60))
        case .protocol, .dpopNonceRequired:
            (first, longest) = (.seconds(10), .seconds(300))
        case .configuration, .endpointMisconfigured:
            (first, longest) = (.seconds(300), .seconds(3_600))
        case .loginRequired, .expiredDeviceCode:
            return nil
        }
        let doublings = min(max(failures - 1, 0), 20)
        let delay = min(first * (1 << doublings), longest)
        return delay + delay * (0.2 * min(max(spread, 0), 1))
    }
}
