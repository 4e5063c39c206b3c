internal import OAuth2

/// How far an attempt has come with a client's secrets, of which each is tried once until one is accepted.
///
/// Rotating a secret without downtime needs two of them. The next is tried within the attempt, so that callers do not
/// wait for a backoff, and only when the server's answer says that it does not accept the one before: a loop cannot come
/// of it, since an attempt has at most one request for each secret, and each has its own place in the server's budget.
struct SecretTrial: Sendable {
    /// The place of the secret that is tried now; nil for a client that proves itself without one.
    let current: Int?

    /// The places of those that are left.
    let left: [Int]

    /// How the first was refused.
    private var first: TokenEndpointFailure?

    private var refusedCount = 0

    /// An attempt that begins with the first of `places`.
    init(_ places: [Int] = []) {
        current = places.first
        left = Array(places.dropFirst())
    }

    private init(_ places: [Int], after trial: SecretTrial, _ failure: TokenEndpointFailure) {
        self.init(places)
        first = trial.first ?? failure
        refusedCount = trial.refusedCount + 1
    }

    /// The trial of the next secret, when `failure` of a request that presented `grant` says no more than that this one
    /// is not accepted; nil when there is none left, or something else is wrong.
    func next(after failure: TokenEndpointFailure, presenting grant: Grant?) -> SecretTrial? {
        guard !left.isEmpty, failure.isFailedAuthentication(presenting: grant) else { return nil }
        return SecretTrial(left, after: self, failure)
    }

    /// The same trial, with what is left of the places.
    func continued(at places: [Int]) -> SecretTrial {
        var trial = SecretTrial(places)
        (trial.first, trial.refusedCount) = (first, refusedCount)
        return trial
    }

    /// What is to be told of an attempt that ends with `failure`: when all secrets were refused, how the first was.
    func told(_ failure: TokenEndpointFailure, presenting grant: Grant?) -> TokenEndpointFailure {
        // What becomes of a code after a refusal, the refusal is the cause of.
        guard first != nil, grant == .authorizationCode || failure.isFailedAuthentication(presenting: grant) else {
            return failure
        }
        return refusal(adding: 1) ?? failure
    }

    /// How the first was refused, of an attempt that goes no further; nil when none was.
    var refusal: TokenEndpointFailure? { refusal(adding: 0) }

    private func refusal(adding count: Int) -> TokenEndpointFailure? {
        guard var first else { return nil }
        if refusedCount + count > 1 { first.refusedSecrets = refusedCount + count }
        return first
    }
}
