package import OAuth2

/// Tells one token request of a slot from every other, so that an answer that was overtaken is known as such.
package struct Generation: Sendable, Hashable, Comparable {
    /// Counts the slot's requests, from 1.
    package let number: UInt64

    /// The request with this number.
    package init(_ number: UInt64) { self.number = number }

    /// Whether `left` is of an earlier request.
    package static func < (left: Generation, right: Generation) -> Bool { left.number < right.number }

    /// The generation of the request after this one.
    var next: Generation { Generation(number + 1) }

    /// No request yet.
    static let none = Generation(0)
}

/// Names a caller that waits; the shell gives each name out once.
package struct WaiterID: Sendable, Hashable {
    /// What the shell counted.
    package let number: UInt64

    /// The name of the caller with this number.
    package init(_ number: UInt64) { self.number = number }
}

/// What came of a request with a refresh token that nobody has, sent after a refusal without a reason.
package enum ProbeFinding: Sendable, Hashable, CaseIterable {
    /// The same refusal: this is how the server refuses a refresh token, so that ours is refused too.
    case sameAnswer

    /// Another answer: what was refused before is not the refresh token.
    case otherAnswer

    /// None, so that nothing is known.
    case noAnswer

    /// What the failure of the probe says about `refusal`.
    package init(refusal: TokenEndpointFailure, probe: TokenEndpointFailure) {
        guard let status = probe.serverStatus, probe.failureClass != .transient, probe.failureClass != .unknown else {
            self = .noAnswer
            return
        }
        self = status == refusal.serverStatus && probe.error == refusal.error ? .sameAnswer : .otherAnswer
    }
}

/// What the shell is to do, in order, once it has left its lock.
///
/// What is large is kept apart, for most actions carry no more than a number.
package enum Action: Sendable, Equatable {
    /// Send one token request, and report its end with this generation by `tokenReceived` or `requestFailed`.
    case sendTokenRequest(Generation)

    /// Send the request once more with a refresh token that nobody has, and report by `probeEnded` with this generation
    /// what the server says to that.
    case sendProbe(Generation)

    /// Serve this token from now on, in place of the one before.
    indirect case publish(KeptToken)

    /// Serve no token until the next `publish`.
    case withdraw

    /// End this caller's wait.
    indirect case answer(WaiterID, FetchOutcome)

    /// Report `timerFired` at this time since boot; replaces the timer set before.
    case setTimer(at: Duration)

    /// Forget the timer.
    case cancelTimer

    /// Store when a caller last asked, so that a restart knows whether the slot is warm.
    case recordLastAsked(Moment)

    /// Log that the answer to this request was overtaken; its token must not be published.
    case discardedStaleAnswer(Generation)
}
