import ArgumentParser
import LocalAPI
import Testing

@testable import tokenctl

@Suite("tokenctl status --verify") struct VerificationTests {
    private static let now = 100_000

    private static func client(
        _ name: String,
        _ access: TokenVerification,
        refresh: TokenVerification? = nil,
        slots: [(String, TokenVerification?)] = []
    ) -> ClientStatus {
        ClientStatus(
            client: name,
            state: .fresh,
            serving: true,
            expiresAt: now + 60,
            nextAttemptAt: now + 45,
            diesAt: now + 50,
            lastError: nil,
            slots: slots.map { scope, verification in
                SlotStatus(
                    scope: scope,
                    audience: nil,
                    resource: [],
                    state: .fresh,
                    serving: true,
                    expiresAt: nil,
                    nextAttemptAt: nil,
                    diesAt: nil,
                    lastError: nil,
                    verification: verification
                )
            },
            verification: ClientVerification(checkedAt: now, accessToken: access, refreshToken: refresh)
        )
    }

    private static let active = TokenVerification(active: true, scope: "a b", subject: "ann", expiresAt: now + 60)
    private static let inactive = TokenVerification(active: false, summary: "It is not active.", remedy: "Refresh.")
    private static let unasked = TokenVerification(
        active: nil,
        error: TokenVerification.noEndpoint,
        summary: "No endpoint is known.",
        remedy: "Write one."
    )
    private static let refused = TokenVerification(active: nil, error: "invalid_client", summary: "No.", remedy: "Fix.")

    private func status(_ clients: [ClientStatus]) -> StatusDocument {
        StatusDocument(version: "1", clients: clients, servers: [], alarms: [])
    }

    private func lines(_ clients: [ClientStatus]) -> [String] {
        StatusTable(status(clients), now: Self.now, isColoured: false).lines
    }

    @Test("has a word for each client, and below it what is not as it should be")
    func table() {
        #expect(
            lines([
                Self.client("good", Self.active), Self.client("bad", Self.inactive),
                Self.client("ann", Self.active, refresh: Self.inactive), Self.client("deaf", Self.refused),
                Self.client("plain", Self.unasked),
            ]) == [
                "CLIENT  STATE  SERVING  EXPIRES  NEXT ATTEMPT  DIES AT  VERIFIED    LAST ERROR",
                "good    fresh  yes      in 1m    in 45s        in 50s   active      -",
                "bad     fresh  yes      in 1m    in 45s        in 50s   NOT ACTIVE  -",
                "ann     fresh  yes      in 1m    in 45s        in 50s   NOT ACTIVE  -",
                "deaf    fresh  yes      in 1m    in 45s        in 50s   unknown     -",
                "plain   fresh  yes      in 1m    in 45s        in 50s   -           -",
                "", "bad: It is not active. Refresh.", "ann: It is not active. Refresh.",
                "deaf: The access token was not verified: No. Fix.",
            ]
        )
    }

    @Test("of one client tells what the server says of good tokens too, and of each slot")
    func details() {
        let found = [("a b", Self.active), ("a", Self.unasked)] as [(String, TokenVerification?)]
        #expect(
            lines([Self.client("ann", Self.active, refresh: Self.active, slots: found)]).suffix(3) == [
                "ann: The access token is active: scope a b, subject ann, expires in 1m.",
                "ann: The access token for scope a was not verified: No endpoint is known. Write one.",
                "ann: The refresh token is active: scope a b, subject ann, expires in 1m.",
            ]
        )
    }

    @Test("fails when a token is not known to be active though its server was to be asked")
    func doubt() {
        #expect(!status([Self.client("a", Self.active), Self.client("b", Self.unasked)]).isDoubtful)
        #expect(status([Self.client("a", Self.active), Self.client("b", Self.refused)]).isDoubtful)
        #expect(status([Self.client("a", Self.active, refresh: Self.inactive)]).isDoubtful)
        #expect(status([Self.client("a", Self.active, slots: [("s", Self.inactive)])]).isDoubtful)
    }

    @Test("does not go with --watch, which would ask the servers every second")
    func watching() throws {
        #expect(throws: (any Error).self) { try StatusCommand.parse(["--verify", "--watch"]) }
        #expect(try StatusCommand.parse(["--verify", "billing"]).verify)
    }
}
