import OAuth2
import TestSupport
import TokenLifecycle

/// A grant's machine walked at random beside a store and an authorization server that keep books of their own.
///
/// The server is strict, or has a window of grace. The daemon crashes, the disk fails, answers get lost, logins come.
struct GrantWalk {
    /// What a token of the server's is.
    private struct Issued {
        let family: Int
        var isSpent = false
        var spentAt: Duration?
    }

    /// What a restart would find.
    private struct Stored {
        var grant: RefreshGrant
        var standing: GrantStanding
        var intent: RefreshIntent?
    }

    /// What the walk came through, so that a walk that gets nowhere is seen.
    struct Tally {
        var presented = 0
        var rotated = 0
        var lost = 0
        var recovered = 0
        var told = 0
        var crashes = 0
        var logins = 0
        var unsent = 0
        var refusedTurns = 0
        var unsaved = 0
    }

    private(set) var tally = Tally()
    private var random: SeededGenerator
    private let grace: Duration?
    private var now = GrantInTime.start
    private var machine = GrantMachine(policy: GrantPolicy(), absence: GrantInTime.absence)
    private var stored: Stored?
    private var tokens: [String: Issued] = [:]
    private var revoked: Set<Int> = []
    private var families = 0
    private var turns: UInt64 = 0

    /// The turn that is under way, and those that wait.
    private var current: TurnID?
    private var waiting: [TurnID] = []

    /// Tokens that an answer proved spent or refused, or that a newer one is held for.
    private var dead: Set<String> = []

    /// Whether the server has spent the held token in an answer that nobody heard.
    private var isAnswerLost = false

    init(seed: UInt64, grace: Duration?) {
        random = SeededGenerator(seed: seed)
        self.grace = grace
    }

    mutating func step() throws(BrokenPromise) {
        now = now.advanced(by: .milliseconds(random.below(1_500)))
        switch random.below(20) {
        case 0: try crash()
        case 1: logIn()
        case 2...6: try want()
        default: try work()
        }
    }

    // MARK: Turns

    private mutating func want() throws(BrokenPromise) {
        turns += 1
        let turn = TurnID(turns)
        waiting.append(turn)
        try obey(machine.turnWanted(turn, for: .tokenRequest, now: now))
    }

    private mutating func end() throws(BrokenPromise) {
        guard let turn = current else { return }
        current = nil
        try obey(machine.turnEnded(turn, now: now))
    }

    private mutating func obey(_ actions: [GrantAction]) throws(BrokenPromise) {
        for action in actions {
            switch action {
            case .begin(let turn):
                guard current == nil else { throw BrokenPromise("two turns at one time") }
                guard waiting.first == turn else { throw BrokenPromise("a turn out of its order") }
                waiting.removeFirst()
                current = turn
            case .refuse(let turn, _):
                guard waiting.first == turn else { throw BrokenPromise("a refusal out of its order") }
                waiting.removeFirst()
                tally.refusedTurns += 1
            }
        }
    }

    // MARK: Requests

    private mutating func work() throws(BrokenPromise) {
        guard let turn = current else { return }
        guard case .success(let presentation) = machine.presentation(turn, now: now) else { return try end() }
        let token = presentation.grant.refreshToken.exposed()
        guard stored?.grant == presentation.grant else { throw BrokenPromise("presents what is not stored") }
        guard !dead.contains(token) else { throw BrokenPromise("presents a token that is spent or refused") }
        // The intent, which the disk may not take.
        if random.once(in: 12) { return try end() }
        stored?.intent = presentation.intent
        if random.once(in: 15) { return try crash() }
        try answer(presentation, token)
        try end()
    }

    private mutating func answer(_ presentation: Presentation, _ token: String) throws(BrokenPromise) {
        tally.presented += 1
        switch random.below(10) {
        case 0:
            tally.unsent += 1
            try fail(GrantFailures.unsent, presentation)
        case 1:
            try fail(
                random.pick([GrantFailures.busy, GrantFailures.misconfigured, GrantFailures.halted]),
                presentation
            )
        case 2:
            // Lost on the way there.
            try fail(GrantFailures.lost, presentation)
        default:
            guard let next = spend(token) else {
                tally.told += 1
                return try refuse(presentation, token)
            }
            switch random.below(6) {
            case 0:
                isAnswerLost = true
                tally.lost += 1
                try fail(random.pick([GrantFailures.lost, GrantFailures.gateway]), presentation)
            case 1:
                isAnswerLost = true
                tally.lost += 1
                try crash()
            default:
                try grant(next, presentation, token)
            }
        }
    }

    /// What the server makes of a token: its successor, or nil for a refusal.
    private mutating func spend(_ token: String) -> String? {
        guard let issued = tokens[token], !revoked.contains(issued.family) else { return nil }
        if issued.isSpent {
            guard let grace, let spentAt = issued.spentAt, now.sinceBoot < spentAt + grace else {
                revoked.insert(issued.family)
                return nil
            }
            tally.recovered += 1
        }
        tokens[token]?.isSpent = true
        tokens[token]?.spentAt = issued.spentAt ?? now.sinceBoot
        let next = "r\(tokens.count + 1)"
        tokens[next] = Issued(family: issued.family)
        return next
    }

    private mutating func grant(_ next: String, _ presentation: Presentation, _ token: String) throws(BrokenPromise) {
        guard case .granted(let grant) = machine.granted(response(next), for: presentation, sent: now),
            grant.sequence == presentation.grant.sequence + 1, grant.id == presentation.grant.id
        else { throw BrokenPromise("what was granted is not kept") }
        tally.rotated += 1
        dead.insert(token)
        isAnswerLost = false
        if random.once(in: 10) {
            // The disk does not take it at once; until it does, it is not presented.
            tally.unsaved += 1
            machine.saveFailed(grant)
            guard case .failure = machine.presentation(current ?? TurnID(0), now: now) else {
                throw BrokenPromise("presents what is in memory alone")
            }
            machine.saved(grant)
        }
        stored = Stored(grant: grant, standing: .held)
    }

    private mutating func fail(_ failure: TokenEndpointFailure, _ presentation: Presentation) throws(BrokenPromise) {
        let outcome = machine.failed(failure, of: presentation, spread: 0, now: now)
        switch outcome.verdict {
        case .unspent:
            guard failure.failureClass != .unknown else { throw BrokenPromise("takes what is unknown for unspent") }
            stored?.intent = nil
        case .unknown: break
        case .refused, .granted: throw BrokenPromise("a failure that is no refusal ended the grant")
        }
        guard machine.isPresentable else { throw BrokenPromise("the grant is gone") }
    }

    private mutating func refuse(_ presentation: Presentation, _ token: String) throws(BrokenPromise) {
        let outcome = machine.failed(GrantFailures.refused, of: presentation, spread: 0, now: now)
        guard case .refused(let refusal) = outcome.verdict else {
            throw BrokenPromise("a refusal is not taken for one")
        }
        // The one way to lose a grant here is an answer that nobody heard, and then the operator hears that.
        guard isAnswerLost, refusal.unanswered != nil else {
            throw BrokenPromise("lost, and the operator is not told why")
        }
        dead.insert(token)
        stored?.standing = .refused(refusal)
        stored?.intent = nil
    }

    // MARK: The world

    private mutating func logIn() {
        guard current == nil, machine.report(now: now).standing != .held || random.once(in: 5) else { return }
        families += 1
        let token = "r\(tokens.count + 1)"
        tokens[token] = Issued(family: families)
        let grant = makeGrant(token, lineage: "family \(families)", issued: now.sinceEpoch)
        if let before = stored?.grant.refreshToken.exposed() { dead.insert(before) }
        stored = Stored(grant: grant, standing: .held)
        machine.replaced(by: grant)
        isAnswerLost = false
        tally.logins += 1
    }

    private mutating func crash() throws(BrokenPromise) {
        tally.crashes += 1
        machine = GrantMachine(policy: GrantPolicy(), absence: GrantInTime.absence)
        current = nil
        waiting = []
        guard let stored else { return }
        machine.restored(stored.grant, standing: stored.standing, intent: stored.intent)
        // An answer that may be lost is noticed at the start.
        guard !isAnswerLost || stored.standing != .held || machine.hasUnknownOutcome else {
            throw BrokenPromise("a crash in the midst of a request left no trace")
        }
    }
}
