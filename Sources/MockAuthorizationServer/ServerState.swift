/// All that changes in a server.
struct ServerState: Sendable {
    var script = BehaviourScript()
    var log = RequestLog()
    var watch = CounterWatch()
    var issuer: TokenIssuer
    var lifetime: Duration
    var rotation: RotationPolicy
    var logins: LoginPolicy
    var codes = AuthorizationCodes()
    var devices = DeviceCodes()
    var assertions = UsedAssertions()
    var laboratory: Laboratory?
    private(set) var holds: [Hold] = []
    private var lastConnection = 0

    init(lifetime: Duration, accessTokenLength: Int, rotation: RotationPolicy, logins: LoginPolicy) {
        issuer = TokenIssuer(accessTokenLength: accessTokenLength)
        self.lifetime = lifetime
        self.rotation = rotation
        self.logins = logins
    }

    /// The number of a connection that was just accepted.
    mutating func nextConnection() -> Int {
        lastConnection += 1
        return lastConnection
    }

    /// Adds a hold for the request `number`.
    mutating func hold(_ number: Int) -> Hold {
        let hold = Hold(number: number)
        holds.append(hold)
        watch.counters.held = holds.count
        return hold
    }

    /// Takes away the hold of the request `number`, which nobody waits for any more.
    mutating func abandonHold(_ number: Int) {
        holds.removeAll { $0.number == number }
        watch.counters.held = holds.count
    }

    /// Takes away the `count` oldest holds, all when nil, for the caller to release.
    mutating func takeHolds(_ count: Int?) -> [Hold] {
        let taken = Array(holds.prefix(count ?? holds.count))
        holds.removeFirst(taken.count)
        watch.counters.held = holds.count
        return taken
    }
}
