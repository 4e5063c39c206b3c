internal import OAuth2
internal import TokenLifecycle

/// A slot's machine, and what the simulation knows of it besides. Times in microseconds since the start.
struct SimulatedSlot {
    var machine: TokenSlotMachine

    /// What its timer is set to.
    var timer = Int.max

    var generation = Generation(0)

    /// When the request that is under way was wanted, was sent, and arrived; it arrives in vain while the server is away.
    var wanted = 0
    var sent = 0
    var arrived = 0
    var isAnswered = false

    /// When the latest request ended.
    var lastEnd = Int.min / 2

    /// When callers are served no longer by what is published, by the machine's word.
    var servedUntil = 0

    /// When the token that is published ends, by the server's word.
    var tokenEnd = 0

    init(_ machine: TokenSlotMachine) { self.machine = machine }

    // Mutating, so that they look at the slot where it lies: to read it from an array copies it.

    /// Whether a caller is served now.
    mutating func isUsable(_ now: Moment) -> Bool { machine.usableToken(minTTL: nil, now: now) != nil }

    /// When callers notice that the server is away.
    mutating func deathAt(_ now: Moment) -> Duration? { machine.deathAt(now: now) }

    /// When its request is to have its turn.
    mutating func turnDue(_ now: Moment) -> Duration? { machine.turnDue(now: now) }
}
