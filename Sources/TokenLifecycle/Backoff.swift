package import OAuth2

/// How long a slot leaves the server alone after failing.
///
/// | Failures in a row | passing | no token response | configuration |
/// |---|---|---|---|
/// | 1 | 1 s | 5 s | 5 min |
/// | 2 | 2 s | 10 s | 10 min |
/// | 3 | 4 s | 20 s | 20 min |
/// | 4 | 8 s | 40 s | 40 min |
/// | 5 | 16 s | 80 s | 1 h |
/// | 6 | 32 s | 160 s | 1 h |
/// | 7 and more | 60 s | 5 min | 1 h |
///
/// Jitter adds up to a fifth, so that clients that failed together do not come back together. While a token serves, a
/// retry that may help by itself comes no later than half of the time that it still does. A Retry-After counts when it
/// is longer than all that.
package enum Backoff: Sendable, Hashable {
    /// The server or the way to it is failing: soon again.
    case passing

    /// A 2xx that is no token response: something in between answers, or the server is broken. It may pass by itself,
    /// but the server may also have issued a token each time, so it is asked less often.
    case noTokenResponse

    /// A person must change something, perhaps at the server, where nobody tells us: a slow look.
    case configuration

    /// Two attempts of a slot are never closer than this, whoever asks.
    package static let floor: Duration = .seconds(1)

    /// A server that wants to be left alone for longer is asked all the same: a wrong header must not silence a client
    /// for a day.
    package static let longestRetryAfter: Duration = .seconds(3_600)

    /// What jitter may add, as a share of the delay.
    private static let jitterShare = 0.2

    /// The way to wait after a failure of this class; nil when only a person's act leads to another attempt.
    package init?(after failureClass: FailureClass) {
        switch failureClass {
        // Nothing single-use is sent for client credentials: what is unknown may be asked again.
        case .transient, .unknown: self = .passing
        case .protocol: self = .noTokenResponse
        case .configuration, .endpointMisconfigured, .dpopNonceRequired: self = .configuration
        case .halted: return nil
        // It is asked about, and comes back as another class.
        case .unexplainedRefusal: self = .configuration
        // Polling at the pace of RFC 8628 §3.5 is the login's affair.
        case .loginRequired, .authorizationPending, .slowDown, .expiredDeviceCode: return nil
        }
    }

    /// The wait after the `failures`th failure in a row; `spread`, from 0 to 1, is the share of the jitter that is added.
    package func delay(failures: Int, spread: Double) -> Duration {
        let doublings = min(max(failures - 1, 0), 12)
        let delay = min(first * (1 << doublings), longest)
        return delay + delay * (Self.jitterShare * max(0, min(1, spread)))
    }

    /// Whether another attempt may succeed without anybody's doing, so that it is worth hurrying while a token serves.
    var mayPass: Bool { self != .configuration }

    private var first: Duration {
        switch self {
        case .passing: .seconds(1)
        case .noTokenResponse: .seconds(5)
        case .configuration: .seconds(300)
        }
    }

    private var longest: Duration {
        switch self {
        case .passing: .seconds(60)
        case .noTokenResponse: .seconds(300)
        case .configuration: .seconds(3_600)
        }
    }
}
