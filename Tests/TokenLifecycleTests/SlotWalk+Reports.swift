import OAuth2
import TestSupport
import TokenLifecycle

extension SlotWalk {
    /// A caller was refused with what is served, with what was served, or with what never was.
    mutating func report() throws {
        let tokens = [books.published, books.published, books.published, books.lastTaken]
        let value = random.pick(tokens)?.kept.token.value ?? Secret("of another")
        let mayForce = !random.once(in: 4)
        note("reported \(value.exposed())\(mayForce ? "" : " beyond the limit")")
        let (outcome, actions) = machine.tokenRejected(value, mayForce: mayForce, now: now)
        try books.reported(value, mayForce: mayForce, outcome, actions)
    }
}
