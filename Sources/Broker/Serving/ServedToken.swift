internal import LocalAPI
internal import OAuth2

/// A token on its way to a caller, with what is left of it.
struct ServedToken: Sendable {
    let rendered: RenderedToken
    let token: AccessToken
    let fingerprint: TokenFingerprint

    /// When it was looked at.
    let at: Moment

    /// Whole seconds, rounded down; nil for a token that does not expire.
    let remainingLife: Duration?

    /// The answer's bytes, head and body.
    func bytes(_ format: TokenFormat) -> [UInt8] {
        switch format {
        case .plain:
            return rendered.plain()
        case .json:
            let expiresIn = remainingLife.map { Int($0.components.seconds) }
            let expiresAt = token.lifetime.map { Int((token.receipt.moment.sinceEpoch + $0).components.seconds) }
            return rendered.json(expiresIn: expiresIn, expiresAt: expiresAt)
        }
    }
}
