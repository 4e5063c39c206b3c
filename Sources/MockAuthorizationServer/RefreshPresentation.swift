/// A refresh token that was presented to the server, and what the server made of it.
package struct RefreshPresentation: Sendable, Equatable {
    /// The number of the request, as in `SeenRequest`.
    package let request: Int

    /// When it was judged, since 1970-01-01 UTC: a request that is held is judged at its release.
    package let at: Duration

    /// Who presented it, by the request's own word.
    package let clientID: String?

    /// What was presented.
    package let token: SeenSecret

    /// The login that it descends from, counted from 1; nil for a token that is not ours.
    package let family: Int?

    /// How many rotations it is from its login, the login's own being 1; nil for a token that is not ours.
    package let generation: Int?

    /// What the server made of it.
    package let judgement: RefreshJudgement
}

/// What a server makes of a refresh token that is presented.
package enum RefreshJudgement: String, Sendable, Codable, CaseIterable {
    /// It was good: tokens were granted, and it is spent now if refresh tokens rotate.
    case current

    /// It was spent before, and tokens were granted once more: the grace window was open.
    case replayGranted = "replay_granted"

    /// It was spent before, and refused.
    case replayRefused = "replay_refused"

    /// Its family was revoked before.
    case revoked

    /// Its family's time is over.
    case expired

    /// It is none of ours, or another client's.
    case unknown

    /// Nobody looked at it: the request was answered for another reason, or by a script.
    case unjudged

    /// Whether tokens were granted for it.
    package var isGranted: Bool { self == .current || self == .replayGranted }

    /// Whether the server will have no more of it.
    package var isRefused: Bool {
        switch self {
        case .replayRefused, .revoked, .expired, .unknown: true
        case .current, .replayGranted, .unjudged: false
        }
    }

    /// Whether it had been spent before.
    package var isReplay: Bool { self == .replayGranted || self == .replayRefused }
}

/// A refresh token that the server gave, and what became of it.
package struct IssuedRefreshToken: Sendable, Equatable {
    /// The token itself.
    package let value: SeenSecret

    /// What was presented for it; nil for a login's own.
    package let parent: SeenSecret?

    /// Who it was given to.
    package let clientID: String

    /// The login that it descends from, counted from 1.
    package let family: Int

    /// How many rotations it is from its login, the login's own being 1; replays give siblings of one generation.
    package let generation: Int

    /// When it was given, since 1970-01-01 UTC.
    package let issuedAt: Duration

    /// When it was first spent, since 1970-01-01 UTC; nil while it is not.
    package internal(set) var spentAt: Duration?

    /// Whether its family was revoked.
    package internal(set) var isRevoked = false

    /// How often it was presented, and what was made of it each time, the earliest first.
    package internal(set) var presentations: [RefreshPresentation] = []
}
